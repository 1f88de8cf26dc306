mod embedding;
mod exporting;
mod places;
mod serving;

use super::*;

/// A bundle as `cargo xtask gadget` makes it, in small.
fn sample() -> Bundle {
    let file =
        |path: &str, media_type: &str, body: &'static str, packed: [Option<&'static str>; 2]| {
            let [gzip, brotli] = packed.map(|body| body.map(Into::into));
            let (path, media_type) = (path.to_owned(), media_type.to_owned());
            File { path, media_type, body: body.into(), gzip, brotli }
        };
    Bundle {
        loader: "loader.js".to_owned(),
        xml: TEMPLATE.to_owned(),
        files: vec![
            file("loader.js", "text/javascript", "load()", [Some("load, small"), None]),
            file(WASM, "application/wasm", "\0asm", [Some("asm, small"), Some("smaller")]),
            file("assets/socket.io.0123abcd.js", "text/javascript", "io()", [None; 2]),
            file("assets/panel.89ef0123.css", "text/css", "p{}", [None; 2]),
            file("assets/icon.svg", "image/svg+xml", "<svg/>", [None; 2]),
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
