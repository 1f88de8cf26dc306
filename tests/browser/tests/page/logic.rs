//! The page's pure modules, in the browser that runs them.

use lockstep_browser::{Script, Wall, crowd};
use serde_json::Value;

/// Runs a file's checks in the page, and gives what is wrong.
async fn faults(checks: &str) -> Vec<String> {
    let script = Script::start(crowd(1)).await;
    let wall = Wall::open(&script.url).await;
    wall.link("live").await;
    let run = format!("return (async () => {{ {checks} }})();");
    let told = wall.browser.run(&run).await;
    let told = told.as_array().expect("a list of what is wrong");
    told.iter().map(Value::to_string).collect()
}

#[tokio::test]
async fn order_filter_window_sequence_backoff_and_times_are_right() {
    let faults = faults(include_str!("logic.js")).await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
