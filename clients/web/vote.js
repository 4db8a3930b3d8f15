/*
 * /vote: a voter's card on a phone. The credential is in the address's fragment (#c=…) or typed.
 * Shows as recorded only what the server acknowledged.
 */
import { Ballot, forget_all, forget_earlier } from "./ballot.js";
import { Connection } from "./connection.js";
import {
    fetch_document,
    find,
    find_subject,
    grade_kind,
    is_over,
    make,
    shape,
    titled,
} from "./page.js";
import { label, say, speak, spoken } from "./text.js";
import { build_sheet, draw_sheet, sheet_of } from "./sheet.js";
import { WholeBallot } from "./whole_ballot.js";

const CAST_GAP_MS = 220; /* the server takes 5 casts a second of one card */
const ACK_WAIT_MS = 5000; /* then the link counts as dead; acks take milliseconds */
const AGAIN_MS = { busy: 700, paused: 2000, storage: 5000, "storage full": 1000 };
const SETTLE_MS = 600; /* a press meant for the last subject must not mark the new one */
const CREDENTIAL_LENGTH = 12;

let credential = "";
let entry_fault = null; /* {key, values}: what is wrong with the credential typed */
let connection = null;
let link = "connecting";
let final_reason = ""; /* why the server sent us away: "bad credential", "replaced" … */
let welcome = null;
let round = null;
let ballot = null;
let texts = null; /* {log, event}: the public document's */
let fetching = false;
let unconfirmed = 0; /* of an earlier round */
let barred = ""; /* why this seat does not vote in the round: "not eligible", "test" */
let storage_failed = false;
let last_id = 0;
let sent_at = 0;
let pump_timer = 0;
let ack_timer = 0;
let shown_at = 0;
let drawn = ""; /* which card the page shows, and in which language */

/* ABCD-EFGH-JKMN, from however it was typed: case, spaces, and 0 and 1 written as letters. */
function normalized(text) {
    const plain = text.normalize("NFKC").toUpperCase().replace(/[^0-9A-Z]/g, "");
    const known = plain.replace(/O/g, "0").replace(/[IL]/g, "1");
    return known.replace(/(.{4})(?=.)/g, "$1-");
}

function plain_length(text) {
    return text.replace(/-/g, "").length;
}

/* ---- what the server says ---- */

function hear_round(notice) {
    const is_new = round === null || notice.round !== round.round;
    round = notice;
    if (notice.state === "planned") {
        ballot = null;
        return;
    }
    if (is_new || ballot === null) {
        unconfirmed = forget_earlier(welcome.log, notice.round, credential);
        ballot = is_whole()
            ? new WholeBallot(welcome.log, notice.round, sheet_of(notice), credential)
            : new Ballot(welcome.log, notice.round, notice.items, credential);
        storage_failed = false;
        barred = "";
    }
    if (is_whole()) {
        ballot.ask((notice.asked ?? 0) - 1);
    }
    if (is_over(notice.state)) {
        ballot.close();
    }
    read_texts();
}

/* All but an appraisal is filled in here and sent whole. */
function is_whole() {
    return (round.kind ?? "appraisal") !== "appraisal";
}

function hear_welcome(message) {
    welcome = message;
    round = null; /* what this device kept is read anew: another window may have cast */
    ballot = null;
    hear_round(message.round);
    const mine = message.versions.find((one) => one[0] === message.seat) ?? [];
    ballot?.welcomed(mine.slice(1));
}

function hear_refused(message) {
    const reason = message.reason;
    storage_failed = reason === "storage" || reason === "storage full";
    if (reason in AGAIN_MS) {
        if (ballot?.postponed(message.id)) {
            clearTimeout(ack_timer);
        }
        pump_after(AGAIN_MS[reason] * (0.5 + Math.random()));
        return;
    }
    if (ballot?.refused(message.id, reason, message.version ?? 0)) {
        clearTimeout(ack_timer);
        barred = reason === "not eligible" || reason === "test" ? reason : barred;
    }
    pump();
}

function hear(message) {
    if (message.t === "welcome") {
        hear_welcome(message);
        pump();
    } else if (message.t === "round") {
        hear_round(message);
        pump();
    } else if (message.t === "ack") {
        if (ballot?.acked(message.id, message.receipt)) {
            clearTimeout(ack_timer);
            storage_failed = false;
        }
        pump();
    } else if (message.t === "refused") {
        hear_refused(message);
    } else {
        return; /* a newer server may say more */
    }
    draw();
}

function hear_link(state, reason = "") {
    link = state;
    if (state !== "ready") {
        clearTimeout(ack_timer);
        ballot?.lost();
    }
    if (state === "refused") {
        final_reason = reason;
        if (reason === "bad credential") {
            ask_credential({ key: "bad_credential" });
        }
    }
    draw();
}

/* ---- sending ---- */

function pump_after(milliseconds) {
    clearTimeout(pump_timer);
    pump_timer = setTimeout(pump, milliseconds);
}

/* Sends the next choice that waits: one at a time, no faster than the server takes them. */
function pump() {
    if (ballot === null || !connection.ready || round.state === "paused") {
        return;
    }
    const pause = sent_at + CAST_GAP_MS - performance.now();
    if (pause > 0) {
        pump_after(pause);
        return;
    }
    const cast = ballot.next(last_id + 1);
    if (cast === null) {
        return;
    }
    last_id = cast.id;
    sent_at = performance.now();
    if (connection.send(cast)) {
        clearTimeout(ack_timer);
        ack_timer = setTimeout(overdue, ACK_WAIT_MS);
    } else {
        ballot.lost();
    }
    draw();
}

function overdue() {
    ballot?.lost();
    connection.renew();
    link = "connecting";
    draw();
}

function may_press() {
    const is_open = round?.state === "open" || round?.state === "paused";
    return is_open && performance.now() - shown_at > SETTLE_MS;
}

function press(index, choice) {
    if (may_press() && ballot.press(index, choice)) {
        clearTimeout(pump_timer);
        pump();
        draw();
    }
}

/* ---- texts ---- */

function lacks_texts() {
    const is_named = welcome !== null && round !== null && round.state !== "planned";
    return is_named && (texts?.log !== welcome.log || !spoken_of());
}

/* Fetches the public document until the texts at hand are of this log and subject. */
async function read_texts() {
    if (fetching) {
        return;
    }
    fetching = true;
    for (let wait_ms = 500; lacks_texts(); wait_ms = Math.min(wait_ms * 2, 8000)) {
        try {
            const found = await fetch_document();
            texts = { log: found.log, event: found.event };
        } catch {
            texts = null;
        }
        if (lacks_texts()) {
            await new Promise((resolve) => setTimeout(resolve, wait_ms * (0.5 + Math.random())));
        }
    }
    fetching = false;
    draw();
}

function spoken_of() {
    return find_subject(texts?.event, round.contest, round.subject);
}

/* ---- drawing ---- */

function put(id, text) {
    const element = find(id);
    if (element.textContent !== text) {
        element.textContent = text;
    }
    element.hidden = text === "";
}

/* Builds the rows of the card once for each round and language. */
function build_card({ contest, subject }) {
    const name = `${welcome.log} ${round.round} ${spoken()}`;
    if (drawn === name) {
        return;
    }
    if (!drawn.startsWith(`${welcome.log} ${round.round} `)) {
        scrollTo(0, 0);
        shown_at = performance.now();
    }
    drawn = name;
    put("contest", label(contest.title));
    put("subject", label(subject.name));
    put("office", label(subject.office));
    if (is_whole()) {
        put("contest", "");
        const rows = build_sheet(texts.event, contest, round, ballot, press, draw);
        find("items").replaceChildren(...rows);
        return;
    }
    const grades = titled(texts.event, contest, "grades");
    const rows = titled(texts.event, contest, "criteria").map((criterion, index) => {
        const row = make("li", "item");
        const head = make("div", "head");
        const heading = make("h2", "", `${index + 1}. ${label(criterion.title)}`);
        heading.id = `item-${index}`;
        head.append(heading, make("span", "state"));
        const choices = make("div", grades.length > 4 ? "choices many" : "choices");
        choices.setAttribute("role", "group");
        choices.setAttribute("aria-labelledby", heading.id);
        grades.forEach((grade, choice) => {
            const button = make("button", `choice ${grade_kind(choice, grades.length)}`);
            button.type = "button";
            button.append(shape(choice, grades.length), make("span", "", label(grade.title)));
            button.addEventListener("click", () => press(index, choice));
            choices.append(button);
        });
        row.append(head, choices);
        return row;
    });
    find("items").replaceChildren(...rows);
}

function state_of(item, index) {
    if (item.wanted !== null) {
        return ballot.sending === index ? "item_sending" : "item_waiting";
    }
    if (item.note === "late" || item.note === "refused") {
        return item.version > 0 ? "item_unchanged" : `item_${item.note}`;
    }
    if (item.version === 0) {
        return "item_missing";
    }
    return item.note === "" ? "item_recorded" : `item_${item.note}`;
}

function draw_item(item, index) {
    const row = find("items").children[index];
    const state = state_of(item, index);
    const standing = item.wanted !== null ? item.wanted.choice : item.choice;
    const is_recorded = item.wanted === null && item.version > 0;
    const is_failed = ["item_unchanged", "item_late", "item_refused"].includes(state);
    const is_off = round.asked > 0 && round.asked !== index + 1;
    const failed = `${is_failed ? " failed" : ""}${is_off ? " off" : ""}`;
    row.className = `item${is_recorded ? " recorded" : ""}${failed}`;
    row.querySelector(".state").textContent = say(state);
    row.querySelectorAll(".choice").forEach((button, choice) => {
        button.disabled = is_off;
        button.setAttribute("aria-pressed", String(choice === standing));
        button.classList.toggle("kept", item.version > 0 && choice === item.choice);
    });
}

function draw_foot() {
    const total = ballot.items.length;
    const recorded = ballot.recorded_count;
    const waiting = ballot.waiting_count;
    const missing = ballot.items.filter((item) => item.version === 0 && !item.wanted).length;
    const is_done = recorded === total && waiting === 0;
    find("bar").firstElementChild.style.width = `${(recorded * 100) / total}%`;
    put("progress", say(is_done ? "progress_all" : "progress", { recorded, total }));
    find("receipt").replaceChildren();
    if (waiting > 0) {
        const key = ballot.sending >= 0 ? "still_sending" : "still_waiting";
        find("receipt").append(say(key, { count: waiting }));
    } else if (ballot.receipt !== "") {
        find("receipt").append(`${say("receipt")} `, make("strong", "", ballot.receipt));
    }
    put("next", missing > 0 ? say("still_missing", { count: missing }) : "");
    find("change").hidden = missing > 0 || waiting > 0;
}

function draw_card() {
    build_card(spoken_of());
    if (is_whole()) {
        draw_sheet(ballot, round);
        return;
    }
    ballot.items.forEach(draw_item);
    draw_foot();
}

/* What the page says while there is no card to fill. */
function message() {
    if (final_reason !== "") {
        const is_replaced = final_reason === "replaced";
        return is_replaced
            ? { title: say("replaced"), text: say("replaced_hint"), resume: true }
            : { title: say(final_reason === "wrong role" ? "bad_place" : "bad_peer"), text: "" };
    }
    if (welcome === null || round === null) {
        return { title: say(link === "lost" ? "link_lost" : "connecting"), text: "" };
    }
    if (round.state === "planned") {
        return { title: say("waiting"), text: say("waiting_hint") };
    }
    if (is_over(round.state)) {
        return round.state === "void" ? void_message() : closed_message();
    }
    return { title: say("texts_missing"), text: "" };
}

function void_message() {
    const found = spoken_of();
    return {
        subject: found ? label(found.subject.name) : "",
        title: say("state_void"),
        text: say("void_hint"),
        hint: say("closed_next"),
    };
}

/* Of a ballot that is sent whole there is one thing to say. */
function closed_whole() {
    const found = spoken_of();
    const is_waiting = ballot.waiting_count > 0;
    const is_recorded = ballot.version > 0;
    const asking = say("closed_asking", { count: 1 });
    return {
        subject: found ? label(found.subject.name) : "",
        title: say("closed"),
        text: is_waiting ? asking : say(is_recorded ? "closed_ballot" : "closed_none"),
        late: ballot.note === "late" ? say(is_recorded ? "item_unchanged" : "item_late") : "",
        receipt: ballot.receipt,
        hint: say("closed_next"),
    };
}

function closed_message() {
    if (is_whole()) {
        return closed_whole();
    }
    const found = spoken_of();
    const criteria = found ? titled(texts.event, found.contest, "criteria") : [];
    const names = (is_meant) =>
        criteria
            .filter((_, index) => is_meant(ballot.items[index]))
            .map((criterion) => label(criterion.title))
            .join(say("comma"));
    const recorded = ballot.recorded_count;
    const waiting = ballot.waiting_count;
    const late = names((item) => item.note === "late" && item.version === 0);
    const unchanged = names((item) => item.note === "late" && item.version > 0);
    const missing = names((item) => item.version === 0 && !item.wanted && item.note !== "late");
    const counted = say("closed_count", { recorded, total: ballot.items.length });
    const asking = say("closed_asking", { count: waiting });
    return {
        subject: found ? label(found.subject.name) : "",
        title: say("closed"),
        text: waiting > 0 ? asking : recorded > 0 ? counted : say("closed_none"),
        missing: missing !== "" && recorded > 0 ? say("closed_missing", { names: missing }) : "",
        late: late !== "" ? say("closed_late", { names: late }) : "",
        unchanged: unchanged !== "" ? say("closed_unchanged", { names: unchanged }) : "",
        receipt: ballot.receipt,
        hint: say("closed_next"),
    };
}

function draw_message({ subject = "", title, text, ...more }) {
    put("message-subject", subject);
    put("message-title", title);
    put("message-text", text);
    put("message-missing", more.missing ?? "");
    put("message-late", more.late ?? "");
    put("message-unchanged", more.unchanged ?? "");
    put("message-hint", more.hint ?? "");
    find("message-receipt").hidden = !more.receipt;
    find("message-receipt").querySelector("strong").textContent = more.receipt ?? "";
    find("resume").hidden = more.resume !== true;
}

function notice() {
    if (credential === "" || welcome === null || final_reason !== "") {
        return "";
    }
    const is_card = ballot !== null && !is_over(round.state);
    if (is_card && barred !== "") {
        return say(barred === "test" ? "test_pad" : "not_eligible");
    }
    if (is_card && link === "lost") {
        return say("offline");
    }
    if (storage_failed) {
        return say("storage");
    }
    if (is_card && round.state === "paused") {
        return say("paused");
    }
    return unconfirmed > 0 ? say("earlier_unknown", { count: unconfirmed }) : "";
}

function draw() {
    const has_entry = credential === "";
    const is_voting = round?.state === "open" || round?.state === "paused";
    const has_card = !has_entry && final_reason === "" && is_voting && Boolean(spoken_of());
    put("link", has_entry ? "" : say(`link_${link}`));
    find("link").hidden = false; /* it holds the place between the others */
    find("link").className = has_entry ? "link none" : `link ${link}`;
    put("seat", !has_entry && welcome ? say("seat", { seat: welcome.seat }) : "");
    put("notice", has_card ? "" : notice());
    put("card-notice", has_card ? notice() : "");
    put("entry-fault", entry_fault ? say(entry_fault.key, entry_fault.values) : "");
    find("entry").hidden = !has_entry;
    find("card").hidden = find("foot").hidden = !has_card;
    find("message").hidden = has_entry || has_card;
    find("leave").hidden = has_entry || (ballot !== null && ballot.waiting_count > 0);
    if (has_card) {
        draw_card();
    } else if (!has_entry) {
        draw_message(message());
    }
}

/* ---- beginning, leaving ---- */

function begin(text) {
    connection?.close();
    clearTimeout(pump_timer);
    clearTimeout(ack_timer);
    credential = text;
    welcome = round = ballot = null;
    final_reason = drawn = "";
    unconfirmed = 0;
    link = "connecting";
    connection = null;
    if (credential !== "") {
        connection = new Connection({ role: "voter", credential }, hear_link, hear);
    }
    draw();
}

/* Back to the form, with what was wrong; what was typed stays to be mended. */
function ask_credential(fault) {
    find("credential").value = credential;
    entry_fault = fault;
    begin("");
    find("credential").focus();
}

function from_address() {
    const text = normalized(new URLSearchParams(location.hash.slice(1)).get("c") ?? "");
    if (text !== credential || text === "") {
        entry_fault = null;
        begin(text.length <= 32 ? text : "");
    }
}

find("entry").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = normalized(find("credential").value);
    const count = plain_length(text);
    if (count !== CREDENTIAL_LENGTH) {
        entry_fault = { key: "entry_short", values: { count } };
        draw();
        return;
    }
    entry_fault = null;
    const url = new URL(location.href);
    url.hash = `c=${text}`;
    history.replaceState(null, "", url);
    begin(text);
});

find("leave").addEventListener("click", () => {
    forget_all();
    entry_fault = null;
    find("credential").value = "";
    history.replaceState(null, "", location.pathname + location.search);
    begin("");
});

find("resume").addEventListener("click", () => begin(credential));

find("next").addEventListener("click", () => {
    if (is_whole()) {
        if (may_press()) {
            ballot.submit();
            pump();
            draw();
        }
        return;
    }
    const index = ballot.items.findIndex((item) => item.version === 0 && !item.wanted);
    const row = find("items").children[index];
    row?.scrollIntoView({ block: "center", behavior: "smooth" });
    row?.querySelector("button").focus({ preventScroll: true });
});

addEventListener("hashchange", from_address);
speak("vote_title", find("language"), draw);
from_address();
