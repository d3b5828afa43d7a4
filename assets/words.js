/* The page in the visitor's language, where Gradio's own translation does not reach: markup, choices, notes.
   The table comes with Gradio's settings; the texts of the page are its keys. */

"use strict";

const words = {
    rightToLeft: ["ar"],
    separators: { ar: "، ", ja: "、", zh: "，" },
    texts: new Map(),
    patterns: [],
    attributes: ["aria-label", "placeholder", "alt", "title"],

    /** Takes the table of the browser's language, if there is one; the page is in English otherwise. */
    start() {
        const tables = window.gradio_config?.i18n_translations ?? {};
        const language = [navigator.language, navigator.language.split("-")[0]].find((tag) => tables[tag]);
        if (!language || language === "en") return;
        for (const [text, translation] of Object.entries(tables[language])) words.learn(text, translation);
        words.patterns.sort((one, other) => other.literal - one.literal);
        words.learnNames(language);
        document.documentElement.lang = language;
        words.separator = words.separators[language] ?? ", ";
        words.turned = words.rightToLeft.includes(language);
        if (words.turned) document.documentElement.dir = "rtl";
        words.watch();
    },

    learn(text, translation) {
        if (!/\{n?\}/.test(text)) {
            words.texts.set(words.plain(text), translation);
            return;
        }
        const parts = text.split(/(\{n?\})/);
        const source = parts.map((part) => {
            if (part === "{n}") return "([\\d.,]+)";
            return part === "{}" ? "(.+?)" : part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
        });
        const literal = text.replace(/\{n?\}/g, "").length;
        words.patterns.push({ find: new RegExp(`^${source.join("")}$`), translation, literal });
    },

    /** The names of languages and countries, which browsers know. */
    learnNames(language) {
        const letters = [..."abcdefghijklmnopqrstuvwxyz"];
        for (const type of ["language", "region"]) {
            const [english, local] = ["en", language].map((tag) => new Intl.DisplayNames(tag, { type }));
            for (const pair of letters.flatMap((first) => letters.map((second) => first + second))) {
                const code = type === "region" ? pair.toUpperCase() : pair;
                const name = english.of(code);
                if (name !== code && !words.texts.has(name)) words.texts.set(name, local.of(code));
            }
        }
    },

    plain(text) {
        return text.trim().replace(/\s+/g, " ");
    },

    /** A text of the page in the visitor's language; undefined where the table has nothing for it. */
    say(text) {
        const whole = words.plain(text);
        return words.texts.get(whole) ?? words.byPattern(whole) ?? words.byName(whole) ?? words.bySentence(whole);
    },

    byPattern(text) {
        for (const { find, translation } of words.patterns) {
            const found = find.exec(text);
            if (!found) continue;
            let at = 0;
            return translation.replace(/\{n?\}/g, () => {
                at += 1;
                return words.say(found[at]) ?? words.alone(found[at]);
            });
        }
        return undefined;
    },

    /** What stays as it is, such as a name or "63 MB": its letters do not turn with the text around it. */
    alone(text) {
        return words.turned ? `\u2068${text}\u2069` : text;
    },

    /** "Joe, English (United States)": what is known of it; the last part must be. */
    byName(text) {
        const parts = text.split(/(, | \(|\), |\)$)/);
        const named = parts.filter((part, at) => at % 2 === 0 && part);
        if (named.length < 2 || !words.texts.has(named.at(-1))) return undefined;
        const said = (part, at) =>
            at % 2 ? part.replace(", ", words.separator) : words.texts.get(part) ?? words.alone(part);
        return parts.map(said).join("");
    },

    /** Several sentences one after the other, all of which are known. */
    bySentence(text) {
        const sentences = text.split(/(?<=[.!?]) /);
        if (sentences.length < 2) return undefined;
        const said = sentences.map((sentence) => words.texts.get(sentence) ?? words.byPattern(sentence));
        return said.every(Boolean) ? said.join(" ") : undefined;
    },

    watch() {
        const seen = (records) => {
            for (const record of records) {
                if (record.type === "characterData") words.translateText(record.target);
                else if (record.type === "attributes") words.translateAttributes(record.target);
                else record.addedNodes.forEach(words.translate);
            }
            words.choices();
            words.turn();
        };
        new MutationObserver(seen).observe(document.documentElement, {
            childList: true,
            subtree: true,
            characterData: true,
            attributes: true,
            attributeFilter: [...words.attributes, "dir"],
        });
        for (const event of ["change", "click", "focusout"]) {
            document.addEventListener(event, () => setTimeout(words.choices, 60));
        }
        words.translate(document.body);
        words.choices();
        words.turn();
    },

    /** A piece of the page that has just come. */
    translate(node) {
        if (node.nodeType === Node.TEXT_NODE) words.translateText(node);
        if (node.nodeType !== Node.ELEMENT_NODE) return;
        const walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) words.translateText(walker.currentNode);
        words.translateAttributes(node);
        node.querySelectorAll("[aria-label], [placeholder], [alt], [title]").forEach(words.translateAttributes);
    },

    /** Gradio says of every block that it reads from left to right. */
    turn() {
        if (!words.turned) return;
        for (const block of document.querySelectorAll(".block[dir=ltr]")) {
            if (!block.querySelector("video, audio")) block.dir = "rtl";
        }
        for (const button of document.querySelectorAll(".example:not([dir=auto]), .pill:not([dir=auto])")) {
            button.dir = "auto";
        }
    },

    translateText(node) {
        const parent = node.parentElement;
        if (!parent || !/[A-Za-z]/.test(node.data)) return;
        if (parent.closest("script, style, textarea, [translate=no]")) return;
        const said = words.say(node.data);
        const changed = said && node.data.replace(/\S[^]*\S|\S/, () => said);
        if (changed && changed !== node.data) node.data = changed;
    },

    translateAttributes(element) {
        for (const name of words.attributes) {
            const value = element.getAttribute?.(name);
            const said = value && words.say(value);
            if (said && said !== value) element.setAttribute(name, said);
        }
    },

    /** What is chosen in a list, which is the value of a field; languages from A to Z as they are read, and voices
        found by what is read on them. */
    choices() {
        for (const field of document.querySelectorAll("input[readonly]")) {
            const said = words.say(field.value);
            if (said && said !== field.value) field.value = said;
        }
        for (const field of document.querySelectorAll("select.sorted:not([data-named])")) {
            field.dataset.named = "";
            const chosen = field.value;
            field.append(...[...field.options].sort((one, other) => one.text.localeCompare(other.text, document.documentElement.lang)));
            field.value = chosen;
        }
        for (const row of document.querySelectorAll("#voice .row:not([data-named])")) {
            row.dataset.named = "";
            row.dataset.find += ` ${row.innerText} ${row.closest(".group")?.innerText.split("\n")[0] ?? ""}`.toLowerCase();
        }
    },
};

words.start();
