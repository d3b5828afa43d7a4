/* What the page does in the browser by itself, as functions of one global object that Gradio's events call. */

"use strict";

const page = {
    charactersPerSecond: 15,

    /** The line below the text box: how long the text is, and how long it takes to say. */
    count(text) {
        const characters = [...text.trim()].length; // an emoji is one
        if (!characters) return '<span class="hint">Any text, up to a few minutes. *Asterisks* emphasise a word.</span>';
        const whole = Math.max(1, Math.round(characters / page.charactersPerSecond));
        const minutes = Math.floor(whole / 60);
        const seconds = whole % 60;
        const length = minutes ? `${minutes} min${seconds ? ` ${seconds} s` : ""}` : `${seconds} s`;
        const noun = characters === 1 ? "character" : "characters";
        return `<span class="hint">${characters.toLocaleString("en")} ${noun}, about ${length}</span>`;
    },

    /** After Create was checked: the stage comes into sight on a narrow screen, or the field that is wrong. */
    showOutcome() {
        page.unmark();
        const problem = document.querySelector("#message [role=alert]");
        if (problem) {
            page.mark(problem);
            return;
        }
        document.querySelector("#preview")?.style.removeProperty("visibility");
        if (window.innerWidth > 900) return;
        const show = () => document.querySelector("#stage").scrollIntoView({ behavior: "smooth" });
        setTimeout(show, 500); // once the progress has made room below it
    },

    /** Scrolls to the field that a problem is about and repeats the sentence there, until it is touched. */
    mark(problem) {
        const field = page.fieldOf(problem.dataset.parameter);
        const target = field ?? problem;
        field?.closest(".advanced")?.querySelector(".label-wrap[aria-expanded=false]")?.click();
        target.scrollIntoView({ behavior: "smooth", block: "center" });
        if (!field) return;
        field.dataset.problem = problem.innerText;
        problem.classList.add("elsewhere"); // read out, and seen at the field
        field.querySelector(page.focusable)?.focus({ preventScroll: true });
        const settle = () => {
            delete field.dataset.problem;
            problem.hidden = true;
        };
        for (const event of ["input", "click", "drop"]) field.addEventListener(event, settle, { once: true });
    },

    focusable: "textarea, input:not([type=file], [type=hidden]), button, summary",

    unmark() {
        for (const field of document.querySelectorAll("[data-problem]")) delete field.dataset.problem;
    },

    /** The visible element of a parameter, whose id is its name; null where there is none. */
    fieldOf(parameter) {
        if (!parameter) return null;
        const ids = { subject: ["photo", "video"], text: ["text", "transcript"] }[parameter] ?? [parameter];
        const found = ids.map((id) => document.getElementById(id));
        return found.find((element) => element?.offsetParent) ?? null;
    },

    /** The column of the video stays in sight; where it is taller than the window, its lower end does. */
    keepInSight() {
        const column = document.querySelector("#showing");
        if (!column) {
            setTimeout(page.keepInSight, 200); // Gradio draws the page after this script has run
            return;
        }
        const margin = 16;
        const place = () => {
            column.style.top = `${Math.min(margin, window.innerHeight - column.offsetHeight - margin)}px`;
        };
        new ResizeObserver(place).observe(column);
        window.addEventListener("resize", place);
    },

    /** The finished video goes on where its preview has come to. */
    handOver(attempts = 30) {
        const preview = document.querySelector("#preview video");
        const player = document.querySelector("#player video");
        if (!player) {
            if (attempts) setTimeout(() => page.handOver(attempts - 1), 100);
            return;
        }
        if (!preview) return;
        const take = () => {
            const more = !preview.paused && !preview.ended && preview.currentTime < player.duration - 0.3;
            player.currentTime = more ? preview.currentTime : 0;
            preview.pause();
            document.querySelector("#preview").style.visibility = "hidden";
            if (more) player.play().catch(() => {}); // a browser may forbid it; the visitor presses play
        };
        if (player.readyState > 0) take();
        else player.addEventListener("loadedmetadata", take, { once: true });
    },

    /** Photos of iPhones have no type that every browser knows, and Gradio takes only what is called an image. */
    acceptHeic() {
        const typed = (file) =>
            /\.hei[cf]$/i.test(file.name) && !file.type
                ? new File([file], file.name, { type: "image/heic" })
                : file;
        const take = (input, files) => {
            const taken = new DataTransfer();
            for (const file of files) taken.items.add(typed(file));
            input.files = taken.files;
        };
        const field = (event) => event.target.closest?.("#photo");
        const isPicker = (event) => event.target.type === "file" && field(event);
        const capture = true;
        document.addEventListener("click", (event) => {
            if (isPicker(event)) event.target.accept = "image/*,.heic,.heif";
        }, capture);
        document.addEventListener("change", (event) => {
            if (isPicker(event)) take(event.target, event.target.files);
        }, capture);
        document.addEventListener("drop", (event) => {
            const input = field(event)?.querySelector("input[type=file]");
            const files = event.dataTransfer.files;
            if (!input || [...files].every((file) => typed(file) === file)) return;
            event.preventDefault();
            event.stopImmediatePropagation();
            take(input, files);
            input.dispatchEvent(new Event("change", { bubbles: true }));
        }, capture);
    },

    /** What is known of this visit: a secret that its videos are listed by, which of its tabs this is, the draft,
        and what a link asks for. */
    visit() {
        page.opened = true;
        const secret = page.random("studio-visit");
        return [secret, page.random("studio-tab", () => sessionStorage), page.recall("studio-draft"), page.link()];
    },

    /** A random text that is kept under a name: by default for all tabs. */
    random(name, store) {
        let text = page.recall(name, store);
        if (typeof text !== "string" || text.length < 32) {
            const bytes = crypto.getRandomValues(new Uint8Array(24));
            text = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
            page.remember(name, text, store);
        }
        return text;
    },

    /** The parameters of the page's address; after a reload, what was changed since counts. */
    link() {
        const [opened] = performance.getEntriesByType("navigation");
        return opened?.type === "navigate" ? Object.fromEntries(new URLSearchParams(location.search)) : {};
    },

    /** Keeps what is filled in; not before the last draft was read. */
    keepDraft(names, values) {
        if (!page.opened) return;
        page.remember("studio-draft", Object.fromEntries(names.map((name, at) => [name, values[at]])));
    },

    remember(key, value, store = () => localStorage) {
        try {
            store().setItem(key, JSON.stringify(value));
        } catch {
            // a private window, or no room left: nothing is kept
        }
    },

    recall(key, store = () => localStorage) {
        try {
            return JSON.parse(store().getItem(key));
        } catch {
            return null;
        }
    },

    /** Buttons with data-action in a piece of markup report themselves to the server. */
    reportClicks(element, trigger) {
        const report = (event) => {
            const button = event.target.closest("[data-action]");
            const expected = button?.matches("input") ? "change" : "click";
            if (!button || event.type !== expected) return;
            const chooses = button.dataset.action === "choose";
            if (chooses) page.chosenVoice = button.dataset.voice;
            trigger(chooses ? "select" : "click", { ...button.dataset });
        };
        element.addEventListener("click", report);
        element.addEventListener("change", report);
    },

    chosenVoice: "", // the last one that was picked: Gradio tells browser code nothing about what was clicked

    outbox: [], // what the scenes have yet to report: one after the other, as each answer changes the script

    /** What stands in the text fields, once everything before it was reported. */
    async settled() {
        for (let looks = 0; page.sending && looks < 200; looks += 1) {
            await new Promise((done) => setTimeout(done, 50));
        }
        return page.typed();
    },

    /** The same, and holds later changes of the cards back until `sent` is called, or for 20 seconds. */
    async held() {
        const found = await page.settled();
        clearTimeout(page.sending);
        page.sending = setTimeout(() => page.sent?.(), 20_000);
        return found;
    },

    /** The scenes of the Script tab: fields report what they are set to, and nothing typed or focused is lost
        when the cards are drawn anew. */
    scenes(element, trigger) {
        const typed = new Map(); // what was typed since the cards were drawn, by field
        const open = new Set();
        let drawn = "";
        let revision = "";
        let held = "";
        let caret = null;
        let due;
        const report = (data) => {
            clearTimeout(due);
            page.outbox.push({ ...data, stamp: revision });
            if (!page.sending) send();
        };
        const send = () => {
            clearTimeout(page.sending);
            const next = page.outbox.shift();
            page.sending = next && setTimeout(send, 20_000); // an answer that never comes holds nothing up
            if (next) trigger("click", { ...next, typed: JSON.stringify(page.typed()) });
        };
        page.sent = send;
        element.addEventListener("click", (event) => {
            const button = event.target.closest("button");
            if (button?.dataset.do) {
                const { do: action, scene, line } = button.dataset;
                report({ action, scene, line });
            } else if (button?.dataset.play) {
                page.slot(element, button.dataset).innerHTML = '<p class="hint" role="status">One moment…</p>';
                trigger("play", { ...button.dataset, typed: JSON.stringify(page.typed()) });
            } else if (button && "upload" in button.dataset) {
                page.pictureScene = Number(button.dataset.scene);
                document.querySelector("#script-picture input[type=file], input#script-picture")?.click();
            }
        });
        element.addEventListener("input", ({ target }) => {
            if (!target.matches("textarea")) return;
            typed.set(page.nameOf(target), target.value);
            clearTimeout(due);
            due = setTimeout(() => report({ action: "type" }), 800);
        });
        element.addEventListener("change", ({ target }) => {
            if (target.matches("textarea")) report({ action: "type" });
            if (!target.dataset.field) return;
            const undo = element.querySelector("[data-do=undo]");
            if (undo) undo.hidden = false;
            const { field, scene, line } = target.dataset;
            if (field === "language") page.languagePicked(element, target);
            report({ action: "set", field, scene, line, value: target.value });
        });
        element.addEventListener("toggle", ({ target }) => {
            if (!target.dataset.fold) return;
            if (target.open) open.add(target.dataset.fold);
            else open.delete(target.dataset.fold);
            if (target.open) page.fillOptions(element, target);
        }, true);
        element.addEventListener("focusin", ({ target }) => {
            held = page.nameOf(target);
            caret = null;
        });
        element.addEventListener("focusout", ({ relatedTarget }) => {
            if (relatedTarget && !element.contains(relatedTarget)) held = "";
        });
        document.addEventListener("pointerdown", ({ target }) => {
            if (!element.contains(target)) held = "";
        });
        document.addEventListener("selectionchange", () => {
            const field = document.activeElement;
            if (element.contains(field) && field.matches("textarea, input[type=text]")) {
                caret = [field.selectionStart, field.selectionEnd];
            }
        });
        element.addEventListener("keydown", (event) => {
            const undoes = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key === "z";
            if (!undoes || event.target.matches("textarea, input")) return;
            event.preventDefault();
            element.querySelector("[data-do=undo]:not([hidden])")?.click();
        });
        const restore = () => {
            const now = element.querySelector(".scene-list");
            if (!now || now.dataset.drawn === drawn) return;
            const same = now.dataset.revision === revision;
            drawn = now.dataset.drawn;
            revision = now.dataset.revision;
            if (!same) {
                typed.clear();
                open.clear();
            }
            for (const [name, value] of typed) {
                const field = element.querySelector(name);
                if (field) field.value = value;
            }
            for (const fold of open) {
                const details = element.querySelector(`details[data-fold="${fold}"]`);
                if (details) details.open = true;
            }
            if (!held) return;
            const wanted = [...(same ? [] : now.dataset.focus.split("|")), held].filter(Boolean);
            const found = wanted.map((name) => element.querySelector(name)).find((each) => each?.checkVisibility());
            if (found !== document.activeElement) found?.focus();
            if (same && caret && found?.setSelectionRange && found.type !== "number") {
                found.setSelectionRange(...caret);
            }
        };
        new MutationObserver(restore).observe(element, {
            childList: true,
            subtree: true,
            attributes: true,
            attributeFilter: ["data-drawn"],
        });
        restore();
        page.showPreviews(element);
    },

    /** A selector by which a field or a button of the scenes is found again. */
    nameOf(target) {
        const fold = target.matches("summary") ? target.parentElement.dataset.fold : undefined;
        if (fold !== undefined) return `details[data-fold="${fold}"] > summary`;
        const told = ["do", "play", "upload", "field", "scene", "line"].filter((name) => name in target.dataset);
        if (!told.length) return "";
        return target.localName + told.map((name) => `[data-${name}="${target.dataset[name]}"]`).join("");
    },

    /** What stands in the text fields of the scenes, for which scene a picture is chosen, and whose script it is:
        a server that was started again meanwhile finds it by that. */
    typed() {
        const fields = [...document.querySelectorAll("#scenes textarea")];
        const revision = document.querySelector("#scenes .scene-list")?.dataset.revision ?? "";
        const texts = fields.map((field) => [field.dataset.scene, field.dataset.line, field.value]);
        return { texts: [revision, ...texts], scene: page.pictureScene ?? -1, visit: page.recall("studio-visit") };
    },

    /** The options of a field that has as many as the list of voices come when it is opened; voices are those of
        the line's language where it has one of its own. */
    fillOptions(element, within) {
        for (const field of within.querySelectorAll("select[data-from]:not([data-full])")) {
            const options = element.querySelector(`template[data-options="${field.dataset.from}"]`);
            if (!options) continue;
            const chosen = field.value;
            field.querySelectorAll("optgroup, option:not([value=''])").forEach((option) => option.remove());
            field.append(options.content.cloneNode(true));
            const [language] = within.querySelector("[data-field=language]").value.split("-");
            if (language && field.dataset.field === "voice") {
                field.querySelectorAll(`optgroup:not([data-language="${language}"])`).forEach((each) => each.remove());
            }
            field.value = chosen;
            if (field.selectedIndex < 0) field.value = "";
            field.dataset.full = "";
        }
    },

    /** Another language of a line has other voices. */
    languagePicked(element, field) {
        const within = field.closest("details");
        const voice = within.querySelector("[data-field=voice]");
        voice.options[0].text = field.value ? "Automatic" : "The presenter's";
        delete voice.dataset.full;
        page.fillOptions(element, within);
    },

    /** Where a line is heard or seen. */
    slot(element, { scene, line }) {
        return element.querySelector(`.line-preview[data-scene="${scene}"][data-line="${line}"]`);
    },

    /** What the server has made of a line is shown in its card. */
    showPreviews(element) {
        const made = document.querySelector("#script-preview");
        if (!made) {
            setTimeout(() => page.showPreviews(element), 200); // it is drawn after the scenes
            return;
        }
        let shown = "";
        const show = () => {
            const found = made.querySelector("[data-turn]");
            if (!found || found.dataset.turn === shown) return;
            shown = found.dataset.turn;
            page.slot(element, found.dataset)?.replaceChildren(...found.childNodes);
        };
        new MutationObserver(show).observe(made, { childList: true, subtree: true });
    },

    /** Presses a button that downloads a file which was just made. */
    download(selector) {
        setTimeout(() => {
            const button = document.querySelector(selector);
            (button?.matches("a, button") ? button : button?.querySelector("a, button"))?.click();
        }, 300);
    },

    /** The list of voices: those of the language that match the search, the name of the one that is chosen,
        and closing. */
    voicePicker(element) {
        const fold = element.querySelector("details");
        const search = element.querySelector("input[type=search]");
        const language = element.querySelector(".language select");
        const find = () => {
            const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
            for (const group of element.querySelectorAll(".group")) {
                const spoken = group.dataset.language === language.value;
                const rows = [...group.querySelectorAll(".row")];
                for (const row of rows) {
                    row.hidden = !(spoken && words.every((word) => row.dataset.find.includes(word)));
                }
                group.hidden = rows.every((row) => row.hidden);
            }
            element.querySelector(".none").hidden = !!element.querySelector(".row:not([hidden])");
        };
        search.addEventListener("input", find);
        language.addEventListener("change", () => {
            search.value = "";
            find();
            const checked = element.querySelector("input[name=voice-choice]:checked");
            if (checked && !checked.closest("[hidden]")) return;
            const { voice, imitating } = language.selectedOptions[0].dataset;
            const own = checked && "imitates" in checked.dataset && imitating;
            page.voiceOf(element, own || voice)?.click();
        });
        element.addEventListener("change", (event) => {
            if (event.target.name === "voice-choice") page.showVoice(event.target.value);
        });
        element.addEventListener("keydown", (event) => {
            if (event.key !== "Escape" && !(event.key === "Enter" && event.target.name === "voice-choice")) return;
            fold.open = false;
            fold.querySelector("summary").focus();
        });
        document.addEventListener("click", (event) => {
            if (!element.contains(event.target)) fold.open = false;
        });
        page.findVoices = find;
        find();
    },

    /** The radio button of a voice; undefined for one that is not listed. */
    voiceOf(picker, name) {
        return [...picker.querySelectorAll("input[name=voice-choice]")].find((each) => each.value === name);
    },

    /** Marks a voice, and its language, as chosen that may have been chosen elsewhere: by a draft, an offer, or
        an earlier video. */
    showVoice(name) {
        const picker = document.querySelector("#voice");
        if (!picker) return;
        const radio = page.voiceOf(picker, name);
        if (radio) radio.checked = true;
        picker.querySelector(".chosen").innerText = radio?.dataset.title ?? name;
        picker.querySelector(".language select").value = radio?.closest(".group").dataset.language ?? "";
        page.findVoices();
    },

    /** What Gradio's own markup lacks for keyboards and screen readers, put right as the page changes. */
    repair() {
        const all = (selector, change) => document.querySelectorAll(selector).forEach(change);
        const mend = () => {
            all("fieldset:has(input[type=radio])", (group) => {
                const title = group.querySelector("[data-testid=block-info]");
                group.setAttribute("role", "radiogroup");
                if (title) group.setAttribute("aria-label", title.innerText.trim());
                page.oneStop(group);
            });
            all("textarea:not([dir=auto])", (field) => field.setAttribute("dir", "auto"));
            // Gradio's names of these say other words than what is read on them, or stand where none may
            all("button.upload-container[aria-label], div.empty[aria-label]", (each) =>
                each.removeAttribute("aria-label"));
            page.notes();
        };
        let due = false;
        const later = () => {
            if (due) return;
            due = true;
            setTimeout(() => {
                due = false;
                mend();
            }, 60);
        };
        new MutationObserver(later).observe(document.documentElement, { childList: true, subtree: true });
        document.addEventListener("change", later);
        document.addEventListener("keydown", page.arrows);
        window.addEventListener("keydown", page.closeLists); // after Gradio, which opens the list at any key
        mend();
    },

    /** The answers of a question are one stop of the Tab key: the one that is chosen, else the first. */
    oneStop(group) {
        const radios = [...group.querySelectorAll("input[type=radio]")];
        const stop = radios.find((radio) => radio.checked) ?? radios[0];
        for (const radio of radios) radio.tabIndex = radio === stop ? 0 : -1;
    },

    /** Arrow keys go from one answer to the next; Gradio gives each a name of its own, so browsers do not. */
    arrows(event) {
        const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
        const group = event.target.closest?.("fieldset[role=radiogroup]");
        if (!step || !group || event.target.type !== "radio") return;
        event.preventDefault();
        const radios = [...group.querySelectorAll("input[type=radio]")];
        const next = radios[(radios.indexOf(event.target) + step + radios.length) % radios.length];
        next.focus();
        next.click();
    },

    /** A list that is open closes as the Tab key leaves its field, which Gradio's own do on Escape alone: they
        would take the focus next, and stay over the fields that follow. */
    closeLists(event) {
        if (event.key !== "Tab" || !event.target.matches?.("[role=combobox][aria-expanded=true]")) return;
        const list = document.getElementById(event.target.getAttribute("aria-controls"));
        if (list) list.tabIndex = -1; // what scrolls is a stop of the Tab key of its own
        event.target.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
    },

    /** The tab that was open when the page was left opens again after a reload, or the browser's back button. */
    keepTab() {
        const open = () => document.querySelector("#ways [role=tab][aria-selected=true]")?.dataset.tabId;
        window.addEventListener("pagehide", () => page.remember("studio-way", open(), () => sessionStorage));
        const [opening] = performance.getEntriesByType("navigation");
        const way = page.recall("studio-way", () => sessionStorage);
        if (!way || !["reload", "back_forward"].includes(opening?.type)) return;
        const select = (attempts) => {
            const tab = document.querySelector(`#ways [role=tab][data-tab-id="${way}"]`);
            if (tab) tab.click();
            else if (attempts) setTimeout(() => select(attempts - 1), 100); // Gradio has not drawn it yet
        };
        select(300);
    },

    /** Gradio's notes in our words: a file of another kind, and a server that does not answer. */
    notes() {
        for (const toast of document.querySelectorAll(".toast-body")) {
            const text = toast.querySelector("[data-testid=toast-text]");
            if (text && /invalid file type|only .* allowed/i.test(text.innerText)) {
                text.innerText = "This file is of another kind than what goes here. Choose another one.";
            }
            if (/connection/i.test(toast.innerText) && /lost|reconnect|errored/i.test(toast.innerText)) {
                toast.style.display = "none";
                page.lost();
            }
        }
    },

    lost() {
        if (page.away) return;
        page.away = true;
        const note = document.createElement("div");
        note.className = "notice error away";
        note.setAttribute("role", "alert");
        note.innerText = "The studio does not answer. Your script and settings are kept; the page comes back by itself.";
        document.querySelector("#stage")?.after(note);
    },

    /** Addresses of this server, told in full where a fold that holds them is opened. */
    tellAddresses() {
        document.addEventListener(
            "toggle",
            ({ target }) => {
                for (const told of target.querySelectorAll?.("[data-address]") ?? []) {
                    told.textContent = new URL(told.dataset.address, document.baseURI).href;
                }
            },
            true,
        );
    },

    /** Where the button in focus goes away, as Create does when it is pressed, the next one takes the focus. */
    keepFocus() {
        const rows = {
            "#actions": ["#cancel", "#video-file", "#create"],
            "#script-actions": ["#script-cancel", "#script-film-file", "#script-render"],
            "#batch-actions": ["#batch-cancel", "#batch-archive-file", "#batch-start"],
        };
        let within = null;
        document.addEventListener("focusin", (event) => {
            within = Object.keys(rows).find((row) => event.target.closest?.(row));
        });
        const next = () => {
            const focused = document.activeElement;
            if (!within || (focused && focused !== document.body && focused.offsetParent)) return;
            const buttons = rows[within].map((id) => {
                const element = document.querySelector(id);
                return element?.matches("button, a") ? element : element?.querySelector("button, a");
            });
            buttons.find((button) => button?.offsetParent && !button.disabled)?.focus({ preventScroll: true });
        };
        document.addEventListener("focusout", () => setTimeout(next, 200));
        new MutationObserver(() => setTimeout(next, 200)).observe(document.documentElement, {
            childList: true,
            subtree: true,
            attributes: true,
            attributeFilter: ["disabled", "class"],
        });
    },
};

window.studioPage = page;
page.acceptHeic();
page.tellAddresses();
page.keepInSight();
page.repair();
page.keepFocus();
page.keepTab();

