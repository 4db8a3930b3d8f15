/* The ballot of an election, motion or poll as /vote shows it. */

import { find, make, shape } from "./page.js";
import { label, say } from "./text.js";

const CHOICES = ["for", "against", "abstain"];
const ABSTAIN = 2;
const NOT_CHOSEN = 1;

function stands(round, place) {
    return ((BigInt(`0x${round.slate ?? "0"}`) >> BigInt(place)) & 1n) === 1n;
}

/* What can be chosen on a round's ballot, and its lines for names, by their places. */
export function sheet_of(round) {
    if (round.kind === "motion") {
        return { items: [0], lines: [], blank: ABSTAIN };
    }
    const order = round.order ?? [];
    const adopted = round.adopted?.length ?? 0;
    const all = Array.from({ length: round.write_ins ?? 0 }, (_, line) => order.length + line);
    return {
        items: [...order.filter((place) => stands(round, place)), ...all.slice(0, adopted)],
        lines: all.slice(adopted),
        blank: round.kind === "poll" ? NOT_CHOSEN : ABSTAIN,
    };
}

function make_head(text, index) {
    const head = make("div", "head");
    const heading = make("h2", "", text);
    heading.id = `item-${index}`;
    head.append(heading);
    return head;
}

function make_choices(words, index, place, press) {
    const choices = make("div", "choices");
    choices.setAttribute("role", "group");
    choices.setAttribute("aria-labelledby", `item-${index}`);
    words.forEach((word, choice) => {
        const kind = word === "against" ? "poor" : word === "abstain" ? "fair" : "good";
        const button = make("button", `choice ${kind}`);
        button.type = "button";
        button.append(shape(kind === "poor" ? 2 : kind === "fair" ? 1 : 0, 3));
        button.append(make("span", "", say(`choice_${word}`)));
        button.addEventListener("click", () => press(place, choice));
        choices.append(button);
    });
    return choices;
}

function make_line(index, place, hint, ballot, draw) {
    const row = make("li", "item");
    const field = make("input", "written");
    field.type = "text";
    field.maxLength = 30;
    field.autocomplete = "off";
    field.value = ballot.names[place] ?? "";
    field.setAttribute("aria-labelledby", `item-${index}`);
    field.addEventListener("input", () => {
        ballot.write(place, field.value);
        draw();
    });
    row.append(make_head(say("other_name"), index), field);
    if (hint !== "") {
        row.append(make("p", "small", hint));
    }
    return row;
}

/* What the contest's rules ask of who writes a name in. */
function line_hint(event, contest) {
    const rules = event.rules?.find((one) => one.id === contest.rules);
    return rules?.write_in?.needs_against ? say("other_name_hint") : "";
}

/* The rows of the ballot: candidates or options in the order they are shown, then the lines. */
export function build_sheet(event, contest, round, ballot, press, draw) {
    const people = contest.candidates ?? contest.options ?? [];
    const words = round.kind === "poll" ? ["chosen"] : CHOICES;
    const titles = ballot.item_places.map((place) =>
        round.kind === "motion"
            ? contest.title
            : (people[place]?.name ?? { "zh-CN": round.adopted[place - people.length] }),
    );
    const rows = ballot.item_places.map((place, index) => {
        const row = make("li", "item");
        const number = round.kind === "motion" ? "" : `${index + 1}. `;
        row.append(make_head(`${number}${label(titles[index])}`, index));
        const office = label(people[place]?.office);
        if (office !== "") {
            row.append(make("p", "office", office));
        }
        row.append(make_choices(words, index, place, press));
        return row;
    });
    const lines = ballot.line_places.map((place, line) =>
        make_line(rows.length + line, place, line_hint(event, contest), ballot, draw),
    );
    return [...rows, ...lines];
}

/* What the foot says of the ballot, and of what the button sends. */
function draw_foot(ballot, round) {
    const count = ballot.chosen_count;
    const seats = round.seats ?? 0;
    const is_over_chosen = seats > 0 && count > seats;
    const is_recorded = ballot.version > 0;
    const is_settled = is_recorded && !ballot.changed && ballot.wanted === null;
    const is_final = is_recorded && round.is_first_final === true;
    const chosen = seats > 0 ? say("ballot_chosen", { count, seats }) : "";
    const state =
        ballot.wanted !== null
            ? say(ballot.sending < 0 ? "item_waiting" : "item_sending")
            : is_settled
              ? say(ballot.note === "" ? "item_recorded" : `item_${ballot.note}`)
              : is_over_chosen
                ? say("ballot_over", { count, seats })
                : ballot.note === "refused"
                  ? say("item_refused")
                  : chosen;
    const may_send = ballot.wanted === null && !is_settled && !is_final && !is_over_chosen;
    const send = may_send ? say(is_recorded ? "ballot_send_again" : "ballot_send") : "";
    find("bar").firstElementChild.style.width = is_settled ? "100%" : "0";
    find("progress").textContent = state;
    find("receipt").replaceChildren();
    if (ballot.receipt !== "" && ballot.wanted === null) {
        find("receipt").append(`${say("receipt")} `, make("strong", "", ballot.receipt));
    }
    find("next").textContent = send;
    find("next").hidden = send === "";
    find("change").hidden = !is_settled || is_final;
}

export function draw_sheet(ballot, round) {
    const is_recorded = ballot.version > 0 && !ballot.changed && ballot.wanted === null;
    const is_final = ballot.version > 0 && round.is_first_final === true;
    ballot.item_places.forEach((place, index) => {
        const row = find("items").children[index];
        row.className = `item${is_recorded ? " recorded" : ""}`;
        row.querySelectorAll(".choice").forEach((button, choice) => {
            button.setAttribute("aria-pressed", String(ballot.choices[place] === choice));
            button.disabled = is_final || ballot.wanted !== null;
        });
    });
    for (const field of find("items").querySelectorAll(".written")) {
        field.disabled = is_final || ballot.wanted !== null;
    }
    draw_foot(ballot, round);
}
