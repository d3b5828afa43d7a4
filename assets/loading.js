/* Runs before Gradio's scripts. Gradio's loading screen counts seconds at every frame and goes on when it has gone,
   a tenth of a core for as long as the page is open: a loop that began before the page was open ends with it. */

"use strict";

(() => {
    const request = window.requestAnimationFrame.bind(window);
    const once = 30; // frames in a row that only a loop asks for
    let running = null;
    window.requestAnimationFrame = (callback) => {
        const chain = running ?? { frames: 0, early: !window.studioPage?.opened };
        const timeless = callback.length === 0; // Svelte's own loop, which must go on, takes the time
        return request((time) => {
            chain.frames += 1;
            if (chain.early && window.studioPage?.opened && timeless && chain.frames > once) return;
            running = chain;
            try {
                callback(time);
            } finally {
                running = null;
            }
        });
    };
})();
