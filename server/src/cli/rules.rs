//! `lockstep rules`.

use std::io::{self, Write};

use lockstep_core::presence::{Busy, Counting, Facts};
use lockstep_core::rules::{DEFAULT, FACTS, Fact, Mode, OTHER, Rules, known_presences};

use crate::config::{Config, Policy};

/// Prints the rules, which of them each known presence meets, and what the mode makes of them.
pub fn print(config: &Config, out: &mut impl Write) -> io::Result<()> {
    let rest = config.everybody_else();
    writeln!(
        out,
        "The rules that apply (mode {}, {}); the first match wins",
        rest.mode,
        source(&rest)
    )?;
    rules_of(&rest, out)?;
    for policy in &config.policies {
        different(policy, &rest, out)?;
    }
    writeln!(out)?;
    notes(config, out)
}

fn source(policy: &Policy) -> String {
    match &policy.rules.file {
        Some(path) => path.display().to_string(),
        None => "the built-in rules".to_owned(),
    }
}

fn rules_of(policy: &Policy, out: &mut impl Write) -> io::Result<()> {
    let rules = &policy.rules.rules;
    writeln!(out)?;
    table(out, &["rule", "when", "then"], &rule_rows(rules))?;
    writeln!(out, "\nWhich rule each known presence meets\n")?;
    table(out, &["presence", "rule", "then"], &presence_rows(rules))
}

/// Whom a policy names, and what is different for them.
fn different(policy: &Policy, rest: &Policy, out: &mut impl Write) -> io::Result<()> {
    let names: Vec<String> = policy.teams.iter().map(|team| format!("team {team}")).collect();
    let names = names.into_iter().chain(policy.agents.iter().map(|agent| format!("agent {agent}")));
    let names: Vec<String> = names.collect();
    writeln!(out, "\nPolicy {:?}, mode {}: {}", policy.name, policy.mode, names.join(", "))?;
    let mut told = Vec::new();
    if policy.dry_run {
        told.push("dry run: decided and told, and nobody is touched".to_owned());
    }
    if policy.staffing_floor > 0 {
        told.push(format!("staffing floor: {} of each team stay Ready", policy.staffing_floor));
    }
    if let Some(longest) = policy.longest_snooze {
        told.push(format!("snooze: at most {longest:?}"));
    }
    if let Counting::Only(some) = policy.counting {
        let kinds = Busy::ALL.iter().zip(some).filter(|(_, has)| *has);
        let kinds: Vec<&str> = kinds.map(|(kind, _)| kind.as_str()).collect();
        told.push(format!("only these make anybody Not Ready: {}", kinds.join(", ")));
    }
    if policy.schedule.is_some() {
        told.push("outside its schedule nobody is made Not Ready".to_owned());
    }
    for line in told {
        writeln!(out, "  {line}")?;
    }
    if policy.rules.file == rest.rules.file {
        return writeln!(out, "  the rules are those above");
    }
    writeln!(out, "  the rules are those of {}", source(policy))?;
    rules_of(policy, out)
}

fn rule_rows(rules: &Rules) -> Vec<[String; 3]> {
    let row = |rule: &lockstep_core::rules::Rule| {
        let when: Vec<_> = rule.when().iter().map(ToString::to_string).collect();
        [rule.id().to_owned(), when.join(", "), rule.wanted().to_string()]
    };
    let default = rules.default_wanted().to_string();
    let default = [DEFAULT.to_owned(), "no rule matches".to_owned(), default];
    rules.rules().iter().map(row).chain([default]).collect()
}

fn presence_rows(rules: &Rules) -> Vec<[String; 3]> {
    let known = known_presences();
    let row = |facts: &Facts| {
        let matched = rules.evaluate(facts);
        [describe(facts, &known), matched.rule.to_owned(), matched.wanted.to_string()]
    };
    let new = Facts::new().with("status", OTHER);
    let matched = rules.evaluate(&new);
    let new = ["anything new".to_owned(), matched.rule.to_owned(), matched.wanted.to_string()];
    known.iter().map(row).chain([new]).collect()
}

/// The status; and, where it comes with another fact, that fact or its absence.
fn describe(facts: &Facts, known: &[Facts]) -> String {
    let status = facts.get("status");
    let told_apart = |other: &&Facts| other.get("status") == status;
    let detail = |fact: &Fact| match facts.get(fact.name) {
        Some(OTHER) => Some(format!("another {}", fact.name)),
        Some(value) => Some(format!("{} {value}", fact.name)),
        None => {
            let matters = known.iter().filter(told_apart).any(|f| f.get(fact.name).is_some());
            matters.then(|| format!("no {}", fact.name))
        }
    };
    let status = status.map(str::to_owned);
    status.into_iter().chain(FACTS[1..].iter().filter_map(detail)).collect::<Vec<_>>().join(", ")
}

fn notes(config: &Config, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "free:        what Lockstep holds is released; nothing else is touched")?;
    writeln!(out, "leave alone: what Lockstep holds stays held; nobody is taken")?;
    let generic = "Finesse shows its generic supervisor reason, as a supervisor cannot send one;\n\
                   the reasons above are Lockstep's own mark, in its log and its journal";
    match config.modes() {
        Mode::Gadget => {}
        Mode::Server => writeln!(out, "\nmode server: {generic}")?,
        Mode::Auto => writeln!(out, "\nmode auto, while no gadget is alive: {generic}")?,
    }
    for warning in &config.warnings {
        writeln!(out, "\nwarning: {warning}")?;
    }
    Ok(())
}

/// Columns as wide as their widest cell; the last is not padded.
fn table(out: &mut impl Write, head: &[&str; 3], rows: &[[String; 3]]) -> io::Result<()> {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([head[column].len()]).max().unwrap_or_default()
    };
    let (first, second) = (width(0), width(1));
    writeln!(out, "  {:first$}  {:second$}  {}", head[0], head[1], head[2])?;
    for [a, b, c] in rows {
        writeln!(out, "  {a:first$}  {b:second$}  {c}")?;
    }
    Ok(())
}
