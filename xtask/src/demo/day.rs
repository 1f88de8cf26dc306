//! The day: what happens, and where everybody is to be after it.

use super::scene::{
    Act, FeedIs, Scene, Who, chooses, customer, hangs_up_with_wrap_up, held, is, not_ready,
    online_meeting, ready, supervisor_sets, webex,
};

const ADA: Who = 0;
const BEN: Who = 1;
const CLEO: Who = 2;
const DAN: Who = 3;
const EVA: Who = 4;
const FINN: Who = 5;
const GIA: Who = 6;
const HUGO: Who = 7;
const ADA_BRANDT: Who = 8;
const BEN_CASTRO: Who = 9;
const CLEO_DUBOIS: Who = 10;
const DAN_ERIKSEN: Who = 11;

/// Whose own desktops are open through the day, with the gadget; the server acts for the others.
pub(super) const AT_DESKS: [Who; 4] = [ADA, BEN, CLEO, FINN];

/// From the first call to the last.
pub(super) fn scenes() -> Vec<Scene> {
    [morning(), noon(), calls(), afternoon(), evening()].concat()
}

fn morning() -> Vec<Scene> {
    vec![
        Scene::at("08:58", "The day begins", "Twelve agents are Ready and active in Webex.")
            .ends((ADA..=DAN_ERIKSEN).map(|who| {
                ready(who).because("nothing_to_do").says("Free in Webex since")
            })),
        Scene::at("09:05", "Do not disturb", "Ada sets do not disturb in Webex.")
            .acts([webex(ADA, "dnd")])
            .ends([held(ADA, "Webex DND")
                .because("stays_held")
                .by(&["NOT_READY"])
                .says("Do not disturb in Webex since")]),
        Scene::at("09:20", "Free again", "Ada is back: who was held is Ready again, after a pause.")
            .acts([webex(ADA, "active")])
            .ends([ready(ADA)
                .because("nothing_to_do")
                .by(&["READY"])
                .says("Free in Webex since")]),
        Scene::at(
            "10:02",
            "A call, meetings, and one that is only in the calendar",
            "Ben calls a colleague, Cleo opens a meeting, Ada Brandt presents; Dan's is not online.",
        )
        .acts([
            webex(BEN, "call"),
            online_meeting(CLEO),
            webex(ADA_BRANDT, "presenting"),
            webex(DAN, "meeting"),
        ])
        .ends([
            held(BEN, "Webex Call")
                .because("stays_held")
                .by(&["NOT_READY"])
                .says("On a Webex call since"),
            held(CLEO, "Webex Meeting")
                .because("stays_held")
                .by(&["NOT_READY"])
                .says("You were Ready and will be Ready again when it ends."),
            held(ADA_BRANDT, "Webex Meeting").because("stays_held").by(&["NOT_READY"]),
            ready(DAN).because("left_by_rule"),
        ])
        .desktop_pictured(CLEO),
    ]
}

fn noon() -> Vec<Scene> {
    vec![
        Scene::at(
            "11:40",
            "What people decide stays",
            "A supervisor takes Dan Eriksen out; Cleo Dubois lets a call ring. Both then look free.",
        )
        .acts([
            supervisor_sets(DAN_ERIKSEN, "NOT_READY"),
            customer(CLEO_DUBOIS, "ring"),
            customer(CLEO_DUBOIS, "rona"),
            Act::Until(DAN_ERIKSEN, "left_not_ours"),
            Act::Until(CLEO_DUBOIS, "left_not_ours"),
            webex(DAN_ERIKSEN, "dnd"),
            webex(CLEO_DUBOIS, "dnd"),
            webex(DAN_ERIKSEN, "active"),
            webex(CLEO_DUBOIS, "active"),
        ])
        .ends([
            not_ready(DAN_ERIKSEN, "Supervisor Initiated")
                .because("left_not_ours")
                .by(&["NOT_READY"]),
            not_ready(CLEO_DUBOIS, "Call Not Answered")
                .because("left_not_ours")
                .by(&["RESERVED", "NOT_READY"]),
        ])
        .then_quiet_for(1_200),
        Scene::at("12:00", "Lunch in a meeting", "Cleo goes to lunch while her meeting goes on.")
            .acts([chooses(CLEO, "NOT_READY", Some("Lunch"))])
            .ends([not_ready(CLEO, "Lunch")
                .because("left_human_chose")
                .by(&["NOT_READY"])
                .says("it stays until you change it")]),
        Scene::at(
            "12:10",
            "Lunch stays lunch",
            "Cleo's meeting ends and so does Ben's call: only Ben was ours to release.",
        )
        .acts([webex(CLEO, "active"), webex(BEN, "active")])
        .ends([
            not_ready(CLEO, "Lunch").because("left_not_ours").says("it stays until you change it"),
            ready(BEN).because("nothing_to_do").by(&["READY"]).says("Free in Webex since"),
        ])
        .then_quiet_for(1_200),
    ]
}

fn calls() -> Vec<Scene> {
    vec![
        Scene::at(
            "14:05",
            "A customer's call is sacred",
            "Eva's shows as a Webex call too: ignored. Finn and Hugo set do not disturb in theirs.",
        )
        .acts([
            customer(EVA, "ring"),
            customer(FINN, "ring"),
            customer(HUGO, "ring"),
            customer(EVA, "answer"),
            customer(FINN, "answer"),
            customer(HUGO, "answer"),
            Act::Polled,
            webex(EVA, "call"),
            online_meeting(BEN_CASTRO),
            webex(FINN, "dnd"),
            webex(HUGO, "dnd"),
        ])
        .ends([
            is(EVA, "TALKING").because("ignored_contact_call").by(&["RESERVED", "TALKING"]),
            is(FINN, "TALKING")
                .because("waits_for_call")
                .by(&["RESERVED", "TALKING"])
                .pending_at_desk()
                .says("You will be Not Ready when this call ends."),
            is(HUGO, "TALKING").because("waits_for_call").by(&["RESERVED", "TALKING"]),
            held(BEN_CASTRO, "Webex Meeting").because("stays_held").by(&["NOT_READY"]),
        ])
        .then_quiet_for(800)
        .pictured(),
        Scene::at(
            "14:20",
            "After the call",
            "Hugo clears it in time; Finn wraps up, then it counts; Eva was never disturbed.",
        )
        .acts([
            webex(HUGO, "active"),
            Act::Until(HUGO, "dropped"),
            customer(HUGO, "end"),
            hangs_up_with_wrap_up(FINN, 1_000),
            customer(EVA, "end"),
            webex(EVA, "active"),
        ])
        .ends([
            ready(HUGO).by(&["READY"]),
            held(FINN, "Webex DND")
                .because("stays_held")
                .by(&["WORK_READY", "READY", "NOT_READY"])
                .at_desk("stays_held", &["WORK", "NOT_READY"])
                .says("Do not disturb in Webex since"),
            ready(EVA).because("nothing_to_do").by(&["READY"]),
        ]),
    ]
}

fn afternoon() -> Vec<Scene> {
    vec![
        Scene::at(
            "15:10",
            "A Webex call that outlives the customer's",
            "Gia's customer hangs up, her Webex call goes on: after two seconds it counts.",
        )
        .acts([
            customer(GIA, "ring"),
            customer(GIA, "answer"),
            Act::Polled,
            webex(GIA, "call"),
            Act::Until(GIA, "ignored_contact_call"),
            customer(GIA, "end"),
        ])
        .ends([held(GIA, "Webex Call")
            .because("stays_held")
            .by(&["RESERVED", "TALKING", "READY", "NOT_READY"])]),
        Scene::at(
            "15:30",
            "The feed is lost",
            "Meanwhile Dan sets do not disturb, Finn and Gia are free: nobody can tell, nobody is moved.",
        )
        .acts([
            Act::Cut,
            Act::Feed(FeedIs::Stale),
            webex(DAN, "dnd"),
            webex(FINN, "active"),
            webex(GIA, "active"),
        ])
        .ends([
            ready(ADA).says("Your Webex presence is not known since"),
            ready(BEN).says("Your Webex presence is not known since"),
            not_ready(CLEO, "Lunch").says("Your Webex presence is not known since"),
            held(FINN, "Webex DND").says("Your Webex presence is not known since"),
        ])
        .then_quiet_for(300),
        Scene::at("15:31", "The feed is back", "What changed meanwhile is read afresh and applied.")
            .acts([Act::Feed(FeedIs::Live)])
            .ends([
                held(DAN, "Webex DND").because("stays_held").by(&["NOT_READY"]),
                ready(ADA).says("Free in Webex since"),
                ready(BEN).says("Free in Webex since"),
                not_ready(CLEO, "Lunch").says("it stays until you change it"),
                ready(FINN).because("nothing_to_do").by(&["READY"]).says("Free in Webex since"),
                ready(GIA).because("nothing_to_do").by(&["READY"]),
            ]),
    ]
}

fn evening() -> Vec<Scene> {
    vec![
        Scene::at(
            "17:00",
            "A human who disagrees wins",
            "Ben Castro makes himself Ready in his meeting. It goes on; he stays Ready.",
        )
        .acts([chooses(BEN_CASTRO, "READY", None)])
        .ends([ready(BEN_CASTRO).because("left_human_chose").by(&["READY"])])
        .then_quiet_for(1_000),
        Scene::at(
            "17:30",
            "The day ends",
            "Everybody is free. Who was held is Ready; what people chose is theirs to end.",
        )
        .acts((ADA..=DAN_ERIKSEN).map(|who| webex(who, "active")))
        .ends([
            ready(DAN).because("nothing_to_do").by(&["READY"]),
            ready(ADA_BRANDT).because("nothing_to_do").by(&["READY"]),
        ])
        .then_quiet_for(500),
    ]
}
