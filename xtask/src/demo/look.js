// What is on a desktop: runs in the page, as a body of a function.
const frame = document.querySelector('iframe[data-url*="/gadget/lockstep.xml"]');
const page = frame && frame.contentDocument;
const text = (from, css) => {
    const found = from && from.querySelector(css);
    return found ? found.textContent.trim() : "";
};
return {
    state: text(page, ".ls-state"), reason: text(page, ".ls-reason"),
    sentence: text(page, ".ls-why"), link: text(page, ".ls-link"),
    frame: text(document, "#state-label"),
    trouble: text(document, "#trouble") || text(document, "#banner:not([hidden])"),
};
