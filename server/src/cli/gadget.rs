//! `lockstep gadget export`.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};

use super::{INVALID, complain, place};
use crate::gadget_files::{BUILD_IT, Bundle, Exported, Place, RECORD, XML, export};

const EXPORT_HELP: &str = "\
What is written:
  without --url   Only the XML. Browsers load the rest from the Lockstep server, so that an
                  upgrade of the server needs no new upload. For sites where Finesse may not
                  fetch gadgets from other servers.
  with --url      Everything. For desktops that may load files from Finesse only; the gadget
                  still connects to the server itself. After each upgrade of the server,
                  export and upload again.

Which --url:
  /3rdpartygadget/files/lockstep
                  A folder of the desktop's own host. Right on both Finesse nodes, so the same
                  files go to both, and a fail-over changes nothing.
  https://host/folder
                  Any web server that sends CORS headers for the desktops' origins.
  Without --server and --config, --url is taken for the Lockstep server itself, and only the
  XML is written.

Upload, to each Finesse node on its own:
  sftp 3rdpartygadget@finesse1.example.com      (utils reset_3rdpartygadget_password)
  sftp> cd /files
  sftp> mkdir lockstep
  sftp> put -r DIR/* lockstep/

Example:
  lockstep gadget export --config lockstep.toml --out upload \\
      --url /3rdpartygadget/files/lockstep";

#[derive(Debug, Subcommand)]
pub(super) enum GadgetCommand {
    /// Write the gadget's files into a folder, for upload to Finesse.
    ///
    /// Not needed where the desktop layout names the server's own address,
    /// https://…/gadget/lockstep.xml. Only files that an earlier export wrote are replaced.
    #[command(after_help = EXPORT_HELP)]
    Export(Export),
}

#[derive(Debug, Args)]
pub(super) struct Export {
    /// Where the exported files will be reachable: a folder, as an address or as a path on the
    /// desktop's own host.
    #[arg(long, value_name = "URL", required_unless_present_any = ["server", "config"])]
    url: Option<Place>,
    /// Where the Lockstep server is reachable for the agents' browsers.
    #[arg(long, value_name = "URL", conflicts_with = "config")]
    server: Option<Place>,
    /// Take the server's address from the key `http.public_url` of this configuration.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The folder to write to; it is made.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

pub(super) fn run(
    command: &GadgetCommand,
    environment: Vec<(OsString, OsString)>,
) -> anyhow::Result<ExitCode> {
    let GadgetCommand::Export(arguments) = command;
    let (server, files) = match places(arguments, environment) {
        Ok(places) => places,
        Err(code) => return Ok(code),
    };
    let bundle =
        Bundle::embedded().with_context(|| format!("this build has no gadget: {BUILD_IT}"))?;
    let exported = export(&bundle, &server, files.as_ref(), &arguments.out)?;
    tell(&exported, arguments, &server, files.as_ref(), &mut io::stdout().lock())?;
    Ok(ExitCode::SUCCESS)
}

/// Where the server is, and where the files will be. What is wrong is told on stderr.
fn places(
    arguments: &Export,
    environment: Vec<(OsString, OsString)>,
) -> Result<(Place, Option<Place>), ExitCode> {
    let unclear = |what: String| {
        complain(&format!("lockstep: {what}"));
        Err(ExitCode::from(INVALID))
    };
    let (server, files) = match (&arguments.server, &arguments.config, &arguments.url) {
        (Some(server), _, url) => (server.clone(), url.clone()),
        (None, Some(path), url) => (place::of_config(path, environment)?, url.clone()),
        (None, None, Some(url)) if url.is_path() || url.is_on_finesse() => {
            return unclear(format!(
                "--url {url} is on Finesse: say where the Lockstep server is, by --server https://… \
                 or --config FILE"
            ));
        }
        (None, None, Some(url)) => (url.clone(), None),
        (None, None, None) => {
            return unclear("say where the Lockstep server is, by --server or --config".to_owned());
        }
    };
    if server.is_path() {
        return unclear(format!(
            "--server {server} is a path: write https://…, as the agents' browsers see it"
        ));
    }
    Ok((server, files))
}

fn tell(
    exported: &Exported,
    arguments: &Export,
    server: &Place,
    files: Option<&Place>,
    out: &mut impl Write,
) -> io::Result<()> {
    let dir = arguments.out.display();
    for path in &exported.written {
        writeln!(out, "written    {dir}/{path}")?;
    }
    for path in &exported.unchanged {
        writeln!(out, "unchanged  {dir}/{path}")?;
    }
    for path in &exported.outdated {
        writeln!(out, "outdated   {dir}/{path}  (may go once every desktop has been reloaded)")?;
    }
    let on_finesse = "/3rdpartygadget/files/lockstep";
    let place = files.map_or(on_finesse, Place::as_str);
    writeln!(out, "\nThe gadget connects to {server}.")?;
    match files {
        Some(files) => writeln!(out, "Its files are expected at {files}/.\n")?,
        None => writeln!(out, "All but the XML is loaded from there.\n")?,
    }
    writeln!(out, "Next:")?;
    writeln!(
        out,
        "  1. Upload what is in {dir} to each Finesse node on its own, with its folders:"
    )?;
    writeln!(
        out,
        "     sftp 3rdpartygadget@NODE, cd /files, mkdir lockstep, put -r {dir}/* lockstep/"
    )?;
    writeln!(out, "     ({RECORD} lists the digests, for sha256sum --check.)")?;
    writeln!(out, "  2. Put the gadget into the desktop layout:")?;
    writeln!(out, "     lockstep layout add --in current.xml --out new.xml --url {place}/{XML}")?;
    writeln!(out, "  3. List the desktops' origins in http.finesse_origins of the server.")?;
    writeln!(out, "  4. After a change of {XML}: utils webproxy cache clear shindig, on each node.")
}
