/* What the page does in the browser by itself, as functions of one global object that Gradio's events call. */

"use strict";

const page = {
    charactersPerSecond: 15,

    /** The line below the text box: how long the text is, and how long it takes to say. */
    count(text) {
        const characters = text.trim().length;
        if (!characters) return '<span class="hint">Any text, up to a few minutes.</span>';
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
        if (window.innerWidth >= 900) return;
        const show = () => document.querySelector("#stage").scrollIntoView({ behavior: "smooth" });
        setTimeout(show, 500); // once the progress has made room below it
    },

    /** Scrolls to the field that a problem is about and repeats the sentence there, until it is touched. */
    mark(problem) {
        const field = page.fieldOf(problem.dataset.parameter);
        const target = field ?? problem;
        target.scrollIntoView({ behavior: "smooth", block: "center" });
        if (!field) return;
        field.dataset.problem = problem.innerText;
        const settle = () => {
            delete field.dataset.problem;
            problem.hidden = true;
        };
        for (const event of ["input", "click", "drop"]) field.addEventListener(event, settle, { once: true });
    },

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
};

window.studioPage = page;
page.acceptHeic();
page.keepInSight();
