/* What both pages share: elements, figures, the public document. */

const FETCH_WAIT_MS = 10000;

export function find(id) {
    return document.getElementById(id);
}

/* A new element. Texts become text nodes, never markup. */
export function make(tag, name = "", text = "") {
    const element = document.createElement(tag);
    if (name !== "") {
        element.className = name;
    }
    if (text !== "") {
        element.textContent = text;
    }
    return element;
}

/* Grades are told apart by shape, colour and word: the best, the worst, and those between. */
export function grade_kind(index, count) {
    return index === 0 ? "good" : index === count - 1 ? "poor" : "fair";
}

export function shape(index, count) {
    const element = make("span", `shape ${grade_kind(index, count)}`);
    element.setAttribute("aria-hidden", "true");
    return element;
}

/* 12345 → "12,345". */
export function thousands(count) {
    return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/* Tenths of a percent, half up once from the exact fraction; base above 0. */
export function permille(count, base) {
    return Math.floor((count * 2000 + base) / (2 * base));
}

export function percent(count, base) {
    const tenths = permille(count, base);
    return `${Math.floor(tenths / 10)}.${tenths % 10}`;
}

export function total(counts) {
    return counts.reduce((sum, count) => sum + count, 0);
}

/* Whether the shares as shown fail to add up to 100.0. */
export function is_rounded(counts) {
    const base = total(counts);
    return base > 0 && total(counts.map((count) => permille(count, base))) !== 1000;
}

export function clock(milliseconds) {
    const time = new Date(milliseconds);
    const parts = [time.getHours(), time.getMinutes(), time.getSeconds()];
    return parts.map((part) => String(part).padStart(2, "0")).join(":");
}

/* GET /api/v1/view: the public document, or an Error that says why not. */
export async function fetch_document() {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), FETCH_WAIT_MS);
    try {
        const answer = await fetch("/api/v1/view", {
            cache: "no-cache",
            signal: patience.signal,
        });
        if (!answer.ok) {
            throw new Error(`GET /api/v1/view: ${answer.status}`);
        }
        const found = await answer.json();
        if (found.minping !== 1) {
            throw new Error("GET /api/v1/view: another format");
        }
        return found;
    } finally {
        clearTimeout(timer);
    }
}

/* Whether a round of this state is over. */
export function is_over(state) {
    return ["closed", "certified", "void"].includes(state);
}

/* Whether the round of these figures is void: nothing of it is a result. */
export function is_void(figures) {
    return figures.state === "void" || figures.decision === "void";
}

/*
 * The contest and subject of an event's texts by id; of a contest without subjects its title
 * stands for one. undefined where there is none.
 */
export function find_subject(event, contest_id, subject_id) {
    const contest = event?.contests.find((one) => one.id === contest_id);
    const subject =
        contest?.kind === "appraisal"
            ? contest.subjects.find((one) => one.id === subject_id)
            : contest && { id: "", name: contest.title };
    return subject && { contest, subject };
}

/*
 * The criteria and grades of a contest with their titles. They are shared by the contests: ids
 * in the contest, titles beside it; an event that writes them out in the contest is read as well.
 */
export function titled(event, contest, key) {
    return contest[key].map((one) =>
        typeof one === "string" ? event[key].find((other) => other.id === one) : one,
    );
}
