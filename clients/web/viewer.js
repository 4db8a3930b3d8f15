/*
 * /: the live figures as the public sees them, those of the subjects that have closed, and what
 * elections, motions and polls came to.
 *
 * Every picture drawn is of one view; the newest wins, and a page that fell behind skips the rest.
 * Figures of closed rounds and texts come from GET /api/v1/view and are kept by their hash.
 */
import { Connection } from "./connection.js";
import {
    clock,
    fetch_document,
    find,
    find_subject,
    grade_kind,
    is_over,
    is_void,
    is_rounded,
    make,
    percent,
    shape,
    thousands,
    titled,
    total,
} from "./page.js";
import { build_outcome, decision_of, heading_of } from "./outcome.js";
import { label, say, speak, spoken } from "./text.js";

const DRAW_GAP_MS = 100; /* at most 10 pictures a second */
const SPREAD_MS = 1500; /* after a close every viewer asks: not all at once */
const AGAIN_MS = 60000; /* how old what is shown of other contests may become */

let link = "connecting";
let view = null; /* the newest */
let is_new_log = false;
let texts = { log: "", hash: "", event: null };
let figures = new Map(); /* "log subject round hash" → figures of a closed round */
let told = { log: "", epoch: 0, rounds: [] }; /* the document's: every round that is over */
let fetching = false;
let draw_timer = 0;
let drawn_at = 0;
let rows_drawn = ""; /* what the rows and the table were built for */
let table_drawn = "";
let outcome_drawn = "";
let earlier_drawn = "";
const unfolded = new Set(); /* "log round" of the earlier rounds that the reader opened */

/* ---- hearing ---- */

function key_of(log, [subject, round, hash]) {
    return `${log} ${subject} ${round} ${hash}`;
}

function lacks_document() {
    return (
        view !== null &&
        (texts.log !== view.log ||
            texts.hash !== view.texts ||
            view.closed.some((closed) => !figures.has(key_of(view.log, closed))))
    );
}

/* Epochs rise within a log; another log begins anew, and the page says so. */
function hear_view(heard) {
    const is_other_log = view !== null && view.log !== heard.log;
    if (view !== null && !is_other_log && heard.epoch < view.epoch) {
        return;
    }
    is_new_log = is_new_log || is_other_log;
    view = heard;
    if (lacks_document()) {
        read_document(Math.random() * SPREAD_MS);
    }
    draw_soon();
}

function take_document(found) {
    texts = { log: found.log, hash: found.texts, event: found.event };
    told = { log: found.log, epoch: found.epoch, rounds: found.figures };
    const by_round = new Map(found.figures.map((one) => [one.round, one]));
    figures = new Map(
        found.closed
            .filter((closed) => by_round.has(closed[1]))
            .map((closed) => [key_of(found.log, closed), by_round.get(closed[1])]),
    );
    if (view === null || found.log === view.log) {
        hear_view(found);
    }
    draw_soon();
}

/* Fetches the document after wait_ms, then with back-off until it holds what the view names. */
async function read_document(wait_ms) {
    if (fetching) {
        return;
    }
    fetching = true;
    let backoff_ms = 500;
    do {
        await new Promise((resolve) => setTimeout(resolve, wait_ms));
        try {
            take_document(await fetch_document());
        } catch {
            backoff_ms = Math.min(backoff_ms * 2, 8000);
        }
        wait_ms = backoff_ms * (0.5 + Math.random());
    } while (view === null || lacks_document());
    fetching = false;
}

/* ---- drawing ---- */

function put(id, text) {
    const element = find(id);
    if (element.textContent !== text) {
        element.textContent = text;
    }
    element.hidden = text === "";
}

/* A bar of the counts: only it moves, never a figure. */
function make_bar(count) {
    const bar = make("div", "bar");
    bar.setAttribute("aria-hidden", "true");
    for (let i = 0; i < count; i++) {
        bar.append(make("span", grade_kind(i, count)));
    }
    return bar;
}

function fill_bar(bar, counts) {
    const base = total(counts);
    counts.forEach((count, i) => {
        bar.children[i].style.flexGrow = base > 0 ? count / base : 0;
    });
}

function make_row(criterion, grades) {
    const row = make("li", "row");
    const valid = make("span", "valid");
    valid.append(make("span", "word", `${say("base")} `), make("span", "figure"));
    const shares = make("div", "shares");
    grades.forEach((grade, i) => {
        const share = make("span");
        share.append(shape(i, grades.length), make("span", "word", label(grade.title)));
        share.append(make("strong"));
        shares.append(share);
    });
    row.append(make("span", "criterion", label(criterion.title)), valid);
    row.append(make_bar(grades.length), shares);
    return row;
}

function build_rows(contest, live) {
    const name = `${view.log} ${live.round} ${view.texts} ${spoken()}`;
    if (rows_drawn === name) {
        return;
    }
    rows_drawn = name;
    const grades = titled(texts.event, contest, "grades");
    const criteria = titled(texts.event, contest, "criteria");
    find("rows").replaceChildren(...criteria.map((criterion) => make_row(criterion, grades)));
    const legend = make("div", "shares");
    grades.forEach((grade, i) => {
        const entry = make("span");
        entry.append(shape(i, grades.length), label(grade.title));
        legend.append(entry);
    });
    find("legend").replaceChildren(legend, make("span", "valid", say("base")));
}

function draw_tally(contest, live) {
    build_rows(contest, live);
    live.items.forEach((counts, index) => {
        const row = find("rows").children[index];
        const base = total(counts);
        row.querySelector(".figure").textContent = thousands(base);
        fill_bar(row.querySelector(".bar"), counts);
        row.querySelectorAll("strong").forEach((share, i) => {
            share.textContent = base > 0 ? percent(counts[i], base) : "—";
        });
    });
}

function draw_turnout(live) {
    const registered = thousands(live.registered);
    const is_shown = live.cast !== undefined;
    const cast = is_shown ? thousands(live.cast) : "";
    put("turnout", say(is_shown ? "turnout" : "registered_only", { cast, registered }));
    put("paper", live.paper > 0 ? say("result_paper", { count: thousands(live.paper) }) : "");
}

function draw_live(live, { contest, subject }) {
    put("subject", label(subject.name));
    put("office", label(subject.office));
    const is_appraisal = contest.kind === "appraisal";
    const is_closed = is_over(live.state);
    put("state", say(!is_appraisal && live.state === "open" ? "voting" : `state_${live.state}`));
    find("state").className = `badge ${is_closed ? "closed" : live.state}`;
    draw_turnout(live);
    const is_shown = live.shows === "tally" && live.items !== undefined;
    const has_tally = is_appraisal && is_shown; /* of others the turnout alone */
    find("tally").hidden = !has_tally;
    find("base-note").hidden = !has_tally;
    find("rounding").hidden = !has_tally || !live.items.some(is_rounded);
    find("withheld").hidden = has_tally || (is_closed && !is_appraisal);
    const voting = is_closed ? "withheld" : live.state === "paused" ? "voting_paused" : "voting";
    put("voting", say(live.state === "void" ? "state_void" : voting));
    const hint = live.state === "void" ? "void_hint" : "withheld_hint";
    put("voting-hint", say(is_closed ? hint : "voting_hint"));
    if (has_tally) {
        draw_tally(contest, live);
    }
    put("as-of", say("as_of", { time: clock(view.at_ms), epoch: thousands(view.epoch) }));
}

/* ---- what elections, motions and polls came to ---- */

/* A round folded away: its name and decision in one line, the rest when it is opened. */
function make_folded(contest, found, title) {
    const box = make("details");
    const key = `${view.log} ${found.round}`;
    const head = make("summary");
    head.append(make("strong", "", `${title}${heading_of(found)}`), " ");
    head.append(make("span", "", decision_of(texts.event, contest, found)));
    box.open = unfolded.has(key);
    box.addEventListener("toggle", () => unfolded[box.open ? "add" : "delete"](key));
    box.append(head, build_outcome(texts.event, contest, found));
    return box;
}

/* The live contest's rounds that are over, the newest first. */
function outcome_rounds(contest) {
    const live = view.live;
    const rounds = view.closed
        .map((one) => figures.get(key_of(view.log, one)))
        .filter((one) => one !== undefined && one.round !== live.round);
    return (is_over(live.state) ? [...rounds, live] : rounds)
        .filter((one) => one.contest === contest.id)
        .sort((a, b) => b.round - a.round);
}

function draw_outcome(contest) {
    const rounds = contest && contest.kind !== "appraisal" ? outcome_rounds(contest) : [];
    const state = view.live ? `${view.live.round} ${view.live.state}` : "";
    const names = `${state} ${view.closed.join(" ")} ${rounds.map((one) => one.round).join(" ")}`;
    const name = `${view.log} ${view.texts} ${spoken()} ${names}`;
    find("outcome").hidden = rounds.length === 0;
    if (rounds.length === 0 || outcome_drawn === name) {
        return;
    }
    outcome_drawn = name;
    const newest = rounds.filter((one) => one.round === view.live.round);
    find("outcome").replaceChildren(
        ...newest.flatMap((one) => [
            make("h2", "", heading_of(one)),
            build_outcome(texts.event, contest, one),
        ]),
        ...rounds
            .filter((one) => one.round !== view.live.round)
            .map((one) => make_folded(contest, one, "")),
    );
}

/* Rounds of the other contests, the newest first: as old as the document, which is read again. */
function draw_earlier() {
    const rounds = told.rounds
        .map((one) => ({ one, found: find_subject(texts.event, one.contest, one.subject) }))
        .filter(({ one, found }) => {
            const is_other = one.contest !== view.live?.contest;
            return is_other && found !== undefined && found.contest.kind !== "appraisal";
        })
        .sort((a, b) => b.one.round - a.one.round);
    const names = rounds.map(({ one }) => `${one.round} ${one.state} ${one.decision ?? ""}`);
    const name = `${told.log} ${view.texts} ${spoken()} ${told.epoch} ${names.join(" ")}`;
    find("earlier").hidden = rounds.length === 0;
    if (rounds.length === 0 || earlier_drawn === name) {
        return;
    }
    earlier_drawn = name;
    find("earlier-rounds").replaceChildren(
        ...rounds.map(({ one, found }) =>
            make_folded(found.contest, one, `${label(found.contest.title)}　`),
        ),
    );
}

function refresh() {
    const is_old = view !== null && told.log === view.log && told.epoch !== view.epoch;
    if (is_old && !find("earlier").hidden) {
        read_document(Math.random() * SPREAD_MS);
    }
}

/* ---- the appraisals that are over ---- */

/* The closed subjects in the event's order: of each criterion the best grade's share. */
function draw_closed() {
    const closed = view.closed.filter((one) => {
        const found = figures.get(key_of(view.log, one));
        const contest = texts.event.contests.find((other) => other.id === found?.contest);
        return contest?.kind === "appraisal" && (found.items !== undefined || is_void(found));
    });
    const name = `${view.log} ${view.texts} ${spoken()} ${closed.join(" ")}`;
    find("closed").hidden = closed.length === 0;
    if (closed.length === 0 || table_drawn === name) {
        return;
    }
    table_drawn = name;
    const all = closed.map((one) => figures.get(key_of(view.log, one)));
    const contest = texts.event.contests.find((one) => one.id === all[0].contest);
    const grade = label(titled(texts.event, contest, "grades")[0].title);
    const head = make("tr");
    head.append(make("th", "", say("subject")));
    for (const criterion of titled(texts.event, contest, "criteria")) {
        head.append(make("th", "", label(criterion.title)));
    }
    head.append(make("th", "", say("cast")));
    const body = make("tbody");
    body.append(...all.map((one) => make_closed_row(one)));
    const top = make("thead");
    top.append(head);
    for (const heading of head.children) {
        heading.scope = "col";
    }
    find("table").replaceChildren(top, body);
    put("closed-title", say("closed_title", { grade }));
    put("closed-base", say("closed_base", { grade }));
}

function make_closed_row(one) {
    const found = find_subject(texts.event, one.contest, one.subject);
    const row = make("tr");
    const heading = make("th", "", label(found.subject.name));
    heading.scope = "row";
    row.append(heading);
    if (is_void(one)) {
        const width = titled(texts.event, found.contest, "criteria").length;
        const why = one.reason ? `　${say("result_void_reason", { reason: one.reason })}` : "";
        const cell = make("td", "voided", `${say("state_void")}${why}`);
        cell.colSpan = width + 1;
        row.append(cell);
        return row;
    }
    for (const counts of one.items) {
        const base = total(counts);
        const cell = make("td", "", base > 0 ? percent(counts[0], base) : "—");
        const bar = make_bar(counts.length);
        fill_bar(bar, counts);
        cell.append(bar);
        row.append(cell);
    }
    const cast = make("td", "", thousands(one.cast));
    if (one.paper > 0) {
        cast.append(make("span", "paper", say("result_paper", { count: thousands(one.paper) })));
    }
    row.append(cast);
    return row;
}

function notice() {
    if (link === "lost") {
        const is_shown = view !== null && view.live !== null;
        return is_shown ? say("stale", { time: clock(view.at_ms) }) : say("stale_empty");
    }
    return is_new_log ? say("new_log") : "";
}

function draw() {
    draw_timer = 0;
    drawn_at = performance.now();
    put("link", say(`link_${link}`));
    find("link").className = `link ${link}`;
    put("notice", notice());
    if (view === null || texts.log !== view.log || texts.hash !== view.texts) {
        return; /* a picture is shown only when all it needs is there */
    }
    put("title", label(texts.event.title));
    const found = view.live && find_subject(texts.event, view.live.contest, view.live.subject);
    find("nothing").hidden = Boolean(found);
    find("live").hidden = !found;
    if (found) {
        draw_live(view.live, found);
    }
    draw_outcome(found?.contest);
    draw_closed();
    draw_earlier();
}

function draw_soon() {
    if (draw_timer === 0) {
        draw_timer = setTimeout(draw, Math.max(0, drawn_at + DRAW_GAP_MS - performance.now()));
    }
}

function hear_link(state) {
    link = state;
    draw_soon();
}

function hear(message) {
    if (message.t === "view") {
        hear_view(message);
    }
}

speak("viewer_title", find("language"), draw_soon);
read_document(0);
setInterval(refresh, AGAIN_MS);
new Connection({ role: "viewer" }, hear_link, hear);
