//! The panel's page: draws a [`Panel`], and tells which button was pressed. Nothing is drawn that
//! has not changed, so nothing moves.

mod page;

use std::cell::{Cell, RefCell};

use lockstep_core::panel::{Panel, Row, Shape, SnoozeOffer, labels};
use wasm_bindgen::JsValue;
use web_sys::{Element, HtmlElement};

use self::page::Page;
use crate::js;

/// The panel takes this much height, and more only when it is asked to show more.
const HEIGHT: i32 = 120;

/// What makes a part of the page not be there.
const HIDDEN: &str = "hidden";

/// What the agent does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Press {
    /// Snooze, or undo it.
    Snooze,
    HalfHour,
    UntilPresenceChanges,
    UntilSignIn,
    Cancel,
    More,
    Escape,
    /// Nothing: the panel has got another width.
    Resize,
}

/// The panel on its page.
pub(crate) struct View {
    page: Page,
    drawn: RefCell<Option<Panel>>,
    /// Are the three snoozes offered?
    offers: Cell<bool>,
    more: Cell<bool>,
    /// The height that was asked for last.
    height: Cell<i32>,
}

// === impl View ===

impl View {
    /// Puts an empty panel into `root`.
    pub(crate) fn new(
        root: &HtmlElement,
        pressed: impl Fn(Press) + Clone + 'static,
    ) -> Option<Self> {
        root.set_inner_html(include_str!("panel.html"));
        let page = Page::find(root)?;
        page.name();
        for (button, press) in [
            (&page.snooze, Press::Snooze),
            (&page.half, Press::HalfHour),
            (&page.change, Press::UntilPresenceChanges),
            (&page.sign_in, Press::UntilSignIn),
            (&page.cancel, Press::Cancel),
            (&page.more, Press::More),
        ] {
            let pressed = pressed.clone();
            page::listen(button, "click", js::function(move |_| pressed(press)));
        }
        let resized = pressed.clone();
        page::listen(&js_sys::global(), "resize", js::function(move |_| resized(Press::Resize)));
        page::listen(
            root,
            "keydown",
            js::function(move |event| {
                if js::text_of(&event, "key").as_deref() == Some("Escape") {
                    pressed(Press::Escape);
                }
            }),
        );
        let view = Self {
            page,
            drawn: RefCell::default(),
            offers: Cell::default(),
            more: Cell::default(),
            height: Cell::new(HEIGHT),
        };
        Some(view)
    }

    /// Draws what has changed.
    pub(crate) fn draw(&self, panel: Panel) {
        let drawn = self.drawn.replace(None);
        if drawn.as_ref() != Some(&panel) {
            self.draw_state(&panel, drawn.as_ref());
            self.draw_foot(&panel);
            draw_rows(&self.page.rows, &panel.rows);
            page::say(&self.page.detail, &panel.detail);
        }
        self.drawn.replace(Some(panel));
    }

    fn draw_state(&self, panel: &Panel, drawn: Option<&Panel>) {
        let page = &self.page;
        page::mark(&page.section, "data-face", panel.face.as_str());
        if drawn.is_none_or(|drawn| drawn.shape != panel.shape) {
            page::mark(&page.section, "data-shape", panel.shape.as_str());
            page.shape.set_inner_html(picture(panel.shape));
        }
        page::say(&page.state, panel.state);
        let reason = panel.reason.as_deref().unwrap_or_default();
        page::say(&page.reason, reason);
        page::mark(&page.reason, "title", reason);
        page::say(&page.since, &panel.since);
        page::say(&page.why, &panel.sentence);
        page::mark(&page.why, "title", &panel.sentence);
        if panel.is_spoken() {
            page::say(&page.hear, &panel.spoken());
        }
    }

    fn draw_foot(&self, panel: &Panel) {
        let page = &self.page;
        page::say(&page.link, &panel.link.text);
        page::mark(&page.link, "data-live", if panel.link.live { "yes" } else { "no" });
        let running = matches!(panel.snooze, SnoozeOffer::Running(_));
        page::say(&page.snooze, if running { labels::UNDO } else { labels::SNOOZE });
        page::turn(&page.snooze, "disabled", panel.snooze == SnoozeOffer::None);
        if panel.snooze != SnoozeOffer::Offered {
            self.offer(false);
        }
    }

    /// Is the snooze running that the button would undo?
    pub(crate) fn shows_undo(&self) -> bool {
        let drawn = self.drawn.borrow();
        drawn.as_ref().is_some_and(|drawn| matches!(drawn.snooze, SnoozeOffer::Running(_)))
    }

    /// Offers the three snoozes in place of the foot, or takes them away.
    pub(crate) fn offer(&self, offers: bool) {
        if self.offers.replace(offers) == offers {
            return;
        }
        page::turn(&self.page.menu, HIDDEN, !offers);
        page::turn(&self.page.foot, HIDDEN, offers);
        let focus = if offers { &self.page.half } else { &self.page.snooze };
        js::call(focus, "focus", &[]);
    }

    /// Shows the last decisions in place, or hides them; tells the height that is wanted.
    pub(crate) fn turn_more(&self, more: bool) -> i32 {
        self.more.set(more);
        page::turn(&self.page.list, HIDDEN, !more);
        page::mark(&self.page.more, "aria-expanded", if more { "true" } else { "false" });
        page::say(&self.page.more, if more { labels::LESS } else { labels::MORE });
        let height = self.needs();
        self.height.set(height);
        height
    }

    /// The height that is wanted, where it is another than was asked for last: what More shows may
    /// have grown, and a narrower panel breaks its lines.
    pub(crate) fn outgrown(&self) -> Option<i32> {
        let height = self.needs();
        (self.height.replace(height) != height).then_some(height)
    }

    fn needs(&self) -> i32 {
        if self.shows_more() { self.page.section.scroll_height().max(HEIGHT) } else { HEIGHT }
    }

    pub(crate) fn shows_more(&self) -> bool {
        self.more.get()
    }

    /// Closes what is open, the innermost first.
    pub(crate) fn escape(&self) -> Option<i32> {
        if self.offers.get() {
            self.offer(false);
            return None;
        }
        self.shows_more().then(|| {
            js::call(&self.page.more, "focus", &[]);
            self.turn_more(false)
        })
    }

    /// The height of the closed panel.
    pub(crate) const fn height() -> i32 {
        HEIGHT
    }
}

/// Our own drawings, one for each shape.
const fn picture(shape: Shape) -> &'static str {
    match shape {
        Shape::Ready => include_str!("../../../gadget/shapes/ready.svg"),
        Shape::Held => include_str!("../../../gadget/shapes/held.svg"),
        Shape::NotReady => include_str!("../../../gadget/shapes/not-ready.svg"),
        Shape::Call => include_str!("../../../gadget/shapes/call.svg"),
        Shape::WrapUp => include_str!("../../../gadget/shapes/wrap-up.svg"),
        Shape::Unknown => include_str!("../../../gadget/shapes/unknown.svg"),
        Shape::Trouble => include_str!("../../../gadget/shapes/trouble.svg"),
    }
}

fn draw_rows(list: &Element, rows: &[Row]) {
    list.set_text_content(None);
    let Some(document) = list.owner_document() else { return };
    let put = |parent: &Element, name: &str, class: &str, text: &str| {
        let part = document.create_element(name).ok()?;
        part.set_class_name(class);
        part.set_text_content(Some(text));
        parent.append_child(&part).ok()?;
        Some(part)
    };
    for row in rows {
        if let Some(line) = put(list, "li", "ls-row", "") {
            put(&line, "span", "ls-at", &row.at);
            put(&line, "span", "ls-what", &row.text);
        }
    }
}

/// A time as the reader writes it.
pub(crate) fn time(browser: lockstep_core::Time) -> String {
    let minutes = u32::try_from(browser.as_millis() / 60_000).unwrap_or_default();
    let date = js_sys::Date::new(&JsValue::from(f64::from(minutes) * 60_000.0));
    let style = js::object(&[
        ("hour", JsValue::from_str("numeric")),
        ("minute", JsValue::from_str("2-digit")),
    ]);
    let told = js::call(date.as_ref(), "toLocaleTimeString", &[js_sys::Array::new().into(), style]);
    told.as_ref().and_then(js::text).unwrap_or_default()
}
