//! The panel before axe-core, a judge of accessibility: roles, names, contrast.

use std::path::Path;

use crate::desk::Desk;

/// What axe finds against WCAG A and AA in the panel, one line each.
const JUDGE: &str = r#"return (async () => {
    const panel = document.querySelector(".ls") ?? document.body;
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
    const {violations, passes} = await axe.run(panel, {runOnly: {type: "tag", values: tags}, resultTypes: ["violations"]});
    if (!passes.some(({id}) => id === "color-contrast")) return ["axe has looked at nothing"];
    return violations.map(({id, nodes}) => `${id}: ${nodes.map((node) => node.target).join(" ")}`);
})();"#;

impl Desk {
    /// What an accessibility checker says against the present face: roles, names, contrast.
    pub(crate) async fn judged(&self) -> Vec<String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the workspace");
        let axe = root.join("target/npm/node_modules/axe-core/axe.min.js");
        let axe = std::fs::read_to_string(axe).expect("`cargo xtask gadget` fetches axe-core");
        let session = &self.browser.session;
        self.browser.enter_frame(crate::GADGET).await;
        session.run(&format!("if (!window.axe) {{ {axe} }}"), &[]).await.expect("axe is taken");
        let found = session.run(JUDGE, &[]).await.expect("axe judges");
        self.browser.leave_frame().await;
        let found = found.as_array().cloned().unwrap_or_default();
        found.iter().map(|one| one.as_str().unwrap_or_default().to_owned()).collect()
    }
}
