/* Everything the pages say, in both languages, and which language is spoken. */

const texts = {
    "zh-CN": {
        other_language: "English",
        vote_title: "民评 · 投票",
        viewer_title: "民评 · 实时测评",
        link_connecting: "正在连接",
        link_ready: "已连接",
        link_lost: "连接中断，正在重连",
        link_refused: "已停止",
        seat: "{seat} 号席",
        entry_title: "请输入投票凭证",
        entry_hint: "凭证是发给您的 12 位字母和数字，不分大小写。",
        entry_button: "进入投票",
        entry_short: "凭证应为 12 位，现在是 {count} 位。",
        bad_credential: "凭证无效，请核对后重新输入。",
        bad_peer: "此页面与服务器版本不符，请刷新页面。",
        bad_place: "此地址不供投票，请使用发给您的投票地址。",
        connecting: "正在连接服务器，请稍候",
        waiting: "请等待投票开始",
        waiting_hint: "开始后本页自动显示，无需刷新。",
        replaced: "此凭证已在另一台设备或窗口打开",
        replaced_hint: "本页已停止。已记录的选择不受影响。",
        resume: "在此页继续投票",
        leave: "退出并清除此设备上的记录",
        paused: "投票暂停。您的选择会保留，恢复后自动发送。",
        offline: "连接中断。您的选择已保留，恢复后自动发送。",
        storage: "服务器暂时无法记录，请联系工作人员。您的选择已保留。",
        texts_missing: "正在读取测评内容",
        earlier_unknown: "上一项投票已结束，您有 {count} 项选择未得到确认。",
        item_missing: "请选择",
        item_sending: "发送中",
        item_waiting: "待发送",
        item_recorded: "✓ 已记录",
        item_elsewhere: "✓ 已记录，此设备不显示选择",
        item_overtaken: "✓ 已记录，以另一设备的选择为准",
        item_late: "未记录：投票已结束",
        item_refused: "未记录，请重新选择",
        item_unchanged: "更改未记录，以原选择为准",
        progress: "已记录 {recorded} / {total} 项",
        progress_all: "{total} 项已全部记录",
        still_missing: "还差 {count} 项 ▸",
        still_sending: "{count} 项发送中",
        still_waiting: "{count} 项待发送",
        may_change: "投票结束前可以修改",
        receipt: "回执",
        receipt_hint: "回执只证明您已参加，不显示您的选择。",
        closed: "投票已结束",
        closed_count: "您有 {recorded} / {total} 项已记录，将计入结果。",
        closed_none: "服务器没有您本项投票的记录。",
        closed_missing: "未投：{names}",
        closed_late: "结束前未能记录，不计入：{names}",
        closed_unchanged: "更改未能在结束前记录，以原选择为准：{names}",
        closed_asking: "{count} 项正在向服务器确认",
        closed_next: "请等待下一项投票。",
        comma: "、",
        state_planned: "尚未开始",
        state_open: "正在测评",
        state_paused: "暂停",
        state_closed: "已结束",
        turnout: "已收 {cast} 份 ／ 应到 {registered}",
        registered_only: "应到 {registered}",
        voting: "投票进行中",
        voting_hint: "各项数字在投票结束后公布。",
        voting_paused: "投票暂停",
        withheld: "投票已结束",
        withheld_hint: "结果尚未公布。",
        nothing_yet: "请等待测评开始",
        base_note: "百分比以每项有效票为基数（％）",
        base: "有效票",
        rounding: "因四舍五入，各项之和可能不等于 100％。",
        as_of: "截至 {time}　№ {epoch}",
        stale: "连接中断，以下为 {time} 的数据，正在重连。",
        stale_empty: "连接中断，正在重连。",
        new_log: "服务器已启用新的记录，编号重新开始。",
        closed_title: "已结束的测评：“{grade}”的比例（％）",
        closed_base: "每格为“{grade}”占该项有效票的百分比；已收为收到的份数。",
        subject: "测评对象",
        cast: "已收",
    },
    en: {
        other_language: "中文",
        vote_title: "Minping · Vote",
        viewer_title: "Minping · Live appraisal",
        link_connecting: "Connecting",
        link_ready: "Connected",
        link_lost: "Connection lost, trying again",
        link_refused: "Stopped",
        seat: "Seat {seat}",
        entry_title: "Enter your voting credential",
        entry_hint: "The 12 letters and digits handed to you. Capitals do not matter.",
        entry_button: "Go to the vote",
        entry_short: "A credential has 12 characters; this has {count}.",
        bad_credential: "This credential is not valid. Please check it and enter it again.",
        bad_peer: "This page does not fit the server's version. Please reload it.",
        bad_place: "This address is not for voting. Please use the one handed to you.",
        connecting: "Connecting to the server, please wait",
        waiting: "Please wait for the vote to begin",
        waiting_hint: "It appears here by itself; there is no need to reload.",
        replaced: "This credential was opened on another device or window",
        replaced_hint: "This page has stopped. What was recorded stands.",
        resume: "Go on voting here",
        leave: "Leave and clear this device",
        paused: "The vote is paused. Your choices are kept and sent when it resumes.",
        offline: "Connection lost. Your choices are kept and sent when it is back.",
        storage: "The server cannot record now. Please tell the staff. Your choices are kept.",
        texts_missing: "Reading what is appraised",
        earlier_unknown: "The last vote has closed; {count} of your choices were not confirmed.",
        item_missing: "Please choose",
        item_sending: "Sending",
        item_waiting: "Waiting to be sent",
        item_recorded: "✓ Recorded",
        item_elsewhere: "✓ Recorded; the choice is not shown here",
        item_overtaken: "✓ Recorded; the other device's choice stands",
        item_late: "Not recorded: the vote had closed",
        item_refused: "Not recorded, please choose again",
        item_unchanged: "The change was not recorded; the earlier choice stands",
        progress: "{recorded} of {total} recorded",
        progress_all: "All {total} recorded",
        still_missing: "{count} to go ▸",
        still_sending: "{count} being sent",
        still_waiting: "{count} waiting to be sent",
        may_change: "May be changed until the close",
        receipt: "Receipt",
        receipt_hint: "The receipt shows that you took part, never what you chose.",
        closed: "Voting has closed",
        closed_count: "{recorded} of {total} items are recorded and will be counted.",
        closed_none: "The server has no vote of yours in this round.",
        closed_missing: "Not voted on: {names}",
        closed_late: "Not recorded before the close, not counted: {names}",
        closed_unchanged: "Change came after the close, the earlier choice counts: {names}",
        closed_asking: "Being confirmed with the server: {count}",
        closed_next: "Please wait for the next vote.",
        comma: ", ",
        state_planned: "Not open yet",
        state_open: "Live",
        state_paused: "Paused",
        state_closed: "Closed",
        turnout: "{cast} voted of {registered} registered",
        registered_only: "{registered} registered",
        voting: "Voting in progress",
        voting_hint: "The figures are published after the close.",
        voting_paused: "Voting is paused",
        withheld: "Voting has closed",
        withheld_hint: "The result has not been published yet.",
        nothing_yet: "Please wait for the appraisal to begin",
        base_note: "Percent of the valid votes on each criterion",
        base: "Valid",
        rounding: "Because of rounding the parts may not add up to 100 %.",
        as_of: "As of {time}　№ {epoch}",
        stale: "Connection lost; these are the figures of {time}. Trying again.",
        stale_empty: "Connection lost, trying again.",
        new_log: "The server has begun a new record; its numbers start again.",
        closed_title: 'Closed appraisals: share of "{grade}" (%)',
        closed_base: "Each cell: {grade} in percent of the criterion's valid votes. Voted: cards.",
        subject: "Subject",
        cast: "Voted",
    },
};

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
