/* What the pages say, from the catalogue, and which language is spoken. */

import { texts } from "./catalogue.js"; // server/text/*.json, made by the build

function chosen() {
    const asked = new URLSearchParams(location.search).get("lang");
    if (Object.keys(texts).includes(asked)) {
        return asked;
    }
    return (navigator.language || "").toLowerCase().startsWith("en") ? "en" : "zh-CN";
}

let language = chosen();

/* The text of `key`, with {name} replaced from `values`. */
export function say(key, values = {}) {
    return texts[language][key].replace(/\{(\w+)\}/g, (whole, name) => values[name]);
}

/* The text of an event's label in the language spoken; Chinese where there is no other. */
export function label(titles) {
    return titles?.[language] || titles?.["zh-CN"] || "";
}

/* What only one of the pages says, by language as in the catalogue. */
export function add_texts(more) {
    for (const [name, added] of Object.entries(more)) {
        Object.assign(texts[name], added);
    }
}

export function spoken() {
    return language;
}

/*
 * Fills every [data-text] of the page and lets `button` switch the language, which the address
 * then remembers. `again` is called after each change, to draw what is not fixed.
 */
export function speak(title_key, button, again) {
    const fill = () => {
        document.documentElement.lang = language;
        document.title = say(title_key);
        button.textContent = say("other_language");
        button.lang = language === "en" ? "zh-CN" : "en";
        for (const element of document.querySelectorAll("[data-text]")) {
            element.textContent = say(element.dataset.text);
        }
    };
    button.addEventListener("click", () => {
        language = language === "en" ? "zh-CN" : "en";
        const url = new URL(location.href);
        url.searchParams.set("lang", language);
        history.replaceState(null, "", url);
        fill();
        again();
    });
    fill();
}
