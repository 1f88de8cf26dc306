mod embedding;
mod exporting;
mod places;
mod serving;

use super::*;

/// A bundle as `cargo xtask gadget` makes it, in small.
fn sample() -> Bundle {
    let file =
        |path: &str, media_type: &str, body: &'static str, gzip: Option<&'static str>| File {
            path: path.to_owned(),
            media_type: media_type.to_owned(),
            body: body.into(),
            gzip: gzip.map(Into::into),
        };
    Bundle {
        loader: "loader.js".to_owned(),
        xml: TEMPLATE.to_owned(),
        files: vec![
            file("loader.js", "text/javascript", "load()", Some("load, small")),
            file(WASM, "application/wasm", "\0asm", Some("asm, small")),
            file("assets/socket.io.0123abcd.js", "text/javascript", "io()", None),
            file("assets/panel.89ef0123.css", "text/css", "p{}", None),
            file("assets/icon.svg", "image/svg+xml", "<svg/>", None),
        ],
    }
}

const WASM: &str = "assets/lockstep_gadget_bg.0a1b2c3d4e5f.wasm";

const TEMPLATE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Module>
  <ModulePrefs title="Webex presence" title_url="{{public_url}}/"/>
  <Content type="html"><![CDATA[
    <div id="lockstep" data-server="{{public_url}}"></div>
    <script>var loader = '{{public_url}}/gadget/loader.js';</script>
  ]]></Content>
</Module>
"#;

fn place(text: &str) -> Place {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}
