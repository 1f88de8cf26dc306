//! A plain gadget that shows and sets the agent's state, to prove the desktop by.

/// Where [`PROBE`] is put on the nodes.
pub const PROBE_URL: &str = "/3rdpartygadget/files/probe/probe.xml";
/// The gadget's XML.
pub const PROBE: &str = include_str!("probe.xml");

/// A layout for agents with these gadgets on the page, of which some are hidden, and on a tab.
pub fn layout(page: &[(&str, bool)], tab: &[&str]) -> String {
    let gadget = |(url, hidden): &(&str, bool)| {
        let url = url.replace('&', "&amp;");
        format!("<gadget{}>{url}</gadget>", if *hidden { " hidden=\"true\"" } else { "" })
    };
    let page: String = page.iter().map(gadget).collect();
    let tab: String = tab.iter().map(|url| gadget(&(url, false))).collect();
    format!(
        "<finesseLayout xmlns=\"http://www.cisco.com/vtg/finesse\"><layout><role>Agent</role>\
         <page>{page}</page><tabs>\
         <tab><id>home</id><label>finesse.container.tabs.agent.homeLabel</label></tab>\
         <tab><id>more</id><label>More</label><columns><column><gadgets>{tab}</gadgets></column></columns></tab>\
         </tabs></layout></finesseLayout>"
    )
}
