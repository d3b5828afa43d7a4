"""Twenty sentences in each language of the embedded voices, written for `benchmarks.voices`.

They hold no numbers, names or abbreviations, so that what is recognised can be compared word by word.
"""

from __future__ import annotations

SENTENCES: dict[str, tuple[str, ...]] = {
    "en": (
        "Good morning, everybody.", "The meeting starts after lunch.", "Please open the window.",
        "We walked along the river.", "She wrote a letter to her brother.", "The coffee is still too hot.",
        "Our train arrives this evening.", "Can you hear me clearly?", "He forgot his umbrella at home.",
        "The children play in the garden.", "I would like a glass of water.",
        "This road leads to the harbor.",
        "My sister works in a hospital.", "The weather will be better tomorrow.",
        "They painted the kitchen blue.",
        "Where did you buy that jacket?", "The library closes at six.", "Bread and butter are on the table.",
        "Nobody knew the answer.", "Thank you for your help.",
    ),
    "es": (
        "Buenos días a todos.", "La reunión empieza después de comer.", "Abre la ventana, por favor.",
        "Caminamos junto al río.", "Ella escribió una carta a su hermano.",
        "El café todavía está muy caliente.",
        "Nuestro tren llega esta noche.", "¿Me oyes bien?", "Olvidó su paraguas en casa.",
        "Los niños juegan en el jardín.", "Quiero un vaso de agua.", "Este camino lleva al puerto.",
        "Mi hermana trabaja en un hospital.", "Mañana hará mejor tiempo.", "Pintaron la cocina de azul.",
        "¿Dónde compraste esa chaqueta?", "La biblioteca cierra temprano.", "El pan está sobre la mesa.",
        "Nadie sabía la respuesta.", "Muchas gracias por tu ayuda.",
    ),
    "fr": (
        "Bonjour à tous.", "La réunion commence après le déjeuner.", "Ouvrez la fenêtre, s'il vous plaît.",
        "Nous avons marché le long de la rivière.", "Elle a écrit une lettre à son frère.",
        "Le café est encore trop chaud.", "Notre train arrive ce soir.", "Est-ce que vous m'entendez bien?",
        "Il a oublié son parapluie à la maison.", "Les enfants jouent dans le jardin.",
        "Je voudrais un verre d'eau.", "Cette route mène au port.", "Ma sœur travaille dans un hôpital.",
        "Il fera plus beau demain.", "Ils ont peint la cuisine en bleu.", "Où as-tu acheté cette veste?",
        "La bibliothèque ferme tôt.", "Le pain est sur la table.", "Personne ne connaissait la réponse.",
        "Merci beaucoup pour votre aide.",
    ),
    "it": (
        "Buongiorno a tutti.", "La riunione comincia dopo pranzo.", "Apri la finestra, per favore.",
        "Abbiamo camminato lungo il fiume.", "Lei ha scritto una lettera a suo fratello.",
        "Il caffè è ancora troppo caldo.", "Il nostro treno arriva stasera.", "Mi senti bene?",
        "Ha dimenticato l'ombrello a casa.", "I bambini giocano in giardino.", "Vorrei un bicchiere d'acqua.",
        "Questa strada porta al porto.", "Mia sorella lavora in un ospedale.",
        "Domani il tempo sarà migliore.",
        "Hanno dipinto la cucina di blu.", "Dove hai comprato quella giacca?", "La biblioteca chiude presto.",
        "Il pane è sul tavolo.", "Nessuno sapeva la risposta.", "Grazie mille per il tuo aiuto.",
    ),
    "pt": (
        "Bom dia a todos.", "A reunião começa depois do almoço.", "Abra a janela, por favor.",
        "Nós caminhamos ao longo do rio.", "Ela escreveu uma carta para o irmão.",
        "O café ainda está muito quente.", "O nosso trem chega hoje à noite.", "Você me ouve bem?",
        "Ele esqueceu o guarda-chuva em casa.", "As crianças brincam no jardim.",
        "Eu quero um copo de água.", "Esta estrada leva ao porto.", "Minha irmã trabalha em um hospital.",
        "Amanhã o tempo vai melhorar.", "Eles pintaram a cozinha de azul.", "Onde você comprou essa jaqueta?",
        "A biblioteca fecha cedo.", "O pão está na mesa.", "Ninguém sabia a resposta.",
        "Muito obrigado pela sua ajuda.",
    ),
    "hi": (
        "आप सबको नमस्ते।", "बैठक दोपहर के बाद शुरू होगी।", "कृपया खिड़की खोलिए।", "हम नदी के किनारे चले।",
        "उसने अपने भाई को पत्र लिखा।", "चाय अभी बहुत गरम है।", "हमारी गाड़ी आज शाम को आएगी।",
        "क्या आप मुझे सुन सकते हैं?", "वह अपना छाता घर पर भूल गया।", "बच्चे बगीचे में खेल रहे हैं।",
        "मुझे एक गिलास पानी चाहिए।", "यह सड़क बाज़ार तक जाती है।", "मेरी बहन अस्पताल में काम करती है।",
        "कल मौसम अच्छा होगा।", "उन्होंने रसोई को नीला रंग दिया।", "तुमने यह किताब कहाँ से खरीदी?",
        "दुकान जल्दी बंद हो जाती है।", "रोटी मेज़ पर है।", "किसी को जवाब नहीं पता था।",
        "आपकी मदद के लिए धन्यवाद।",
    ),
    "zh": (
        "大家早上好。", "会议在午饭以后开始。", "请把窗户打开。", "我们沿着河边散步。",
        "她给弟弟写了一封信。",
        "咖啡还是太热了。", "我们的火车今天晚上到。", "你能听清楚我说话吗？", "他把雨伞忘在家里了。",
        "孩子们在花园里玩。", "我想喝一杯水。", "这条路通往学校。", "我姐姐在医院工作。", "明天天气会更好。",
        "他们把厨房刷成了蓝色。", "你在哪里买的这件衣服？", "图书馆很早就关门。", "面包在桌子上。",
        "没有人知道答案。", "谢谢你的帮助。",
    ),
    "ja": (
        "皆さん、おはようございます。", "会議は昼食の後に始まります。", "窓を開けてください。",
        "私たちは川に沿って歩きました。", "彼女は弟に手紙を書きました。", "コーヒーはまだとても熱いです。",
        "電車は今日の夜に着きます。", "私の声がよく聞こえますか。", "彼は傘を家に忘れました。",
        "子供たちは庭で遊んでいます。", "水を飲みたいです。", "この道は学校に続いています。",
        "姉は病院で働いています。", "明日は天気が良くなるでしょう。", "彼らは台所を青く塗りました。",
        "その服はどこで買いましたか。", "図書館は早く閉まります。", "パンはテーブルの上にあります。",
        "誰も答えを知りませんでした。", "手伝ってくれてありがとうございます。",
    ),
    "de": (
        "Guten Morgen zusammen.", "Die Sitzung beginnt nach dem Essen.", "Bitte öffnen Sie das Fenster.",
        "Wir sind am Fluss entlang gegangen.", "Sie schrieb ihrem Bruder einen Brief.",
        "Der Kaffee ist noch zu heiß.", "Unser Zug kommt heute Abend an.", "Können Sie mich gut hören?",
        "Er hat seinen Schirm zu Hause vergessen.", "Die Kinder spielen im Garten.",
        "Ich möchte ein Glas Wasser.", "Diese Straße führt zum Hafen.",
        "Meine Schwester arbeitet in einem Krankenhaus.", "Morgen wird das Wetter besser.",
        "Sie haben die Küche blau gestrichen.", "Wo hast du diese Jacke gekauft?",
        "Die Bibliothek schließt früh.", "Das Brot liegt auf dem Tisch.", "Niemand wusste die Antwort.",
        "Vielen Dank für Ihre Hilfe.",
    ),
}  # fmt: skip
"""By ISO 639-1 code."""
