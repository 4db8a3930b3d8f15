/*
 * One connection to minpingd, minping-protocol(7): hello, and again with jittered back-off.
 *
 * state(name, reason)  "connecting", "ready" (welcome was heard), "lost" (it tries again by
 *                      itself) or "refused" (final; reason is the server's word)
 * message(object)      every message of the server, welcome included
 */
const SUBPROTOCOL = "minping.v1";
const PROTOCOL = 1;
const BACKOFF_FIRST_MS = 250;
const BACKOFF_MAX_MS = 5000;
const BUSY_MS = 2000; /* the server had no place: do not press it */
const PENALTY_MS = 10000; /* after close 1008 the server bars us this long */
const WELCOME_WAIT_MS = 12000; /* answers to failed hellos are delayed up to 10 s */
const SILENCE_MS = 60000; /* a phone does not notice a dead link: after this, ask anew */
const ASLEEP_MS = 20000; /* a page looked at again after such a silence asks at once */
const FINAL = ["bad credential", "bad version", "wrong role", "bad message"];

function jittered(milliseconds) {
    return milliseconds * (0.5 + Math.random());
}

export class Connection {
    #hello;
    #state;
    #message;
    #socket = null;
    #timer = 0;
    #failures = 0;
    #heard_at = 0;
    #welcomed = false;
    #stopped = false;

    /* hello: role, and the credential of a voter. */
    constructor(hello, state, message) {
        this.#hello = { t: "hello", protocol: PROTOCOL, ...hello };
        this.#state = state;
        this.#message = message;
        addEventListener("online", () => this.#hurry());
        document.addEventListener("visibilitychange", () => this.#hurry());
        this.#state("connecting");
        this.#connect();
    }

    get ready() {
        return this.#welcomed;
    }

    /* Sends one message now; false when there is no welcome yet. */
    send(object) {
        if (this.#welcomed && this.#socket.readyState === WebSocket.OPEN) {
            this.#socket.send(JSON.stringify(object));
            return true;
        }
        return false;
    }

    /* Gives the link up as dead and makes a new one at once. */
    renew() {
        if (!this.#stopped) {
            this.#drop();
            this.#connect();
        }
    }

    /* Ends for good. */
    close() {
        this.#stopped = true;
        this.#drop();
    }

    #connect() {
        const scheme = location.protocol === "https:" ? "wss:" : "ws:";
        const socket = new WebSocket(`${scheme}//${location.host}/ws`, SUBPROTOCOL);
        this.#socket = socket;
        socket.onopen = () => socket.send(JSON.stringify(this.#hello));
        socket.onmessage = (event) => this.#hear(event.data);
        socket.onclose = (event) => this.#lost(event);
        this.#wait(WELCOME_WAIT_MS, () => this.#lost({ code: 1006, reason: "" }));
    }

    #wait(milliseconds, then) {
        clearTimeout(this.#timer);
        this.#timer = setTimeout(then, milliseconds);
    }

    /* Forgets the socket: nothing that it still says is heard. */
    #drop() {
        clearTimeout(this.#timer);
        this.#welcomed = false;
        const socket = this.#socket;
        this.#socket = null;
        if (socket !== null) {
            socket.onopen = socket.onmessage = socket.onclose = null;
            socket.close();
        }
    }

    #refuse(reason) {
        this.close();
        this.#state("refused", reason);
    }

    #lost(event) {
        this.#drop();
        if (event.reason.includes("replaced")) {
            this.#refuse("replaced");
            return;
        }
        const backoff = Math.min(BACKOFF_FIRST_MS * 2 ** this.#failures, BACKOFF_MAX_MS);
        const least = event.code === 1008 ? PENALTY_MS : event.code === 1013 ? BUSY_MS : 0;
        this.#failures = Math.min(this.#failures + 1, 8);
        this.#wait(least + jittered(backoff), () => this.#connect());
        this.#state("lost");
    }

    /* The network or the person is back: try within a moment, and doubt a link long silent. */
    #hurry() {
        const is_asleep = this.#welcomed && Date.now() - this.#heard_at > ASLEEP_MS;
        const is_waiting = this.#socket === null && this.#failures > 2;
        if (!this.#stopped && !document.hidden && (is_asleep || is_waiting)) {
            this.#drop();
            this.#failures = 0;
            this.#wait(jittered(BACKOFF_FIRST_MS), () => this.#connect());
        }
    }

    #hear(text) {
        let message;
        try {
            message = JSON.parse(text);
        } catch {
            this.#lost({ code: 1007, reason: "" });
            return;
        }
        if (message.t === "refused" && message.reason === "replaced") {
            this.#refuse("replaced");
            return;
        }
        if (message.t === "refused" && !this.#welcomed) {
            if (FINAL.includes(message.reason)) {
                this.#refuse(message.reason);
            } else {
                this.#lost({ code: 1013, reason: "" });
            }
            return;
        }
        this.#heard_at = Date.now();
        this.#wait(jittered(SILENCE_MS), () => this.renew());
        if (message.t === "welcome") {
            this.#welcomed = true;
            this.#failures = 0;
            this.#state("ready");
        }
        this.#message(message);
    }
}
