//! Commands that find who else uses a secret.

use super::leak::Leak;
use super::{About, Command, quoted};

/// Commands, the most telling first.
pub(super) fn commands(secret: &About, leak: Option<&Leak>) -> Vec<Command> {
    let command = |what: &str, command: String| Command { what: what.to_owned(), command };
    let variable =
        quoted(leak.and_then(|leak| leak.around.name.as_deref()).unwrap_or(&secret.variable));
    let mut commands = Vec::new();
    match leak {
        Some(leak) => {
            let print = &leak.fingerprint;
            commands.push(command(
                "Every file in your other projects that has the same value. Fingerprints do not depend on the place.",
                format!("stanch scan ~/projects --only {} --format jsonl | grep {print}", secret.id),
            ));
            commands.push(command(
                "The same in the history of another repository.",
                format!(
                    "stanch scan git ../other-project --only {} --format jsonl | grep {print}",
                    secret.id
                ),
            ));
        }
        None => commands.push(command(
            "Every place in your projects that holds such a secret.",
            format!("stanch scan ~/projects --only {}", secret.id),
        )),
    }
    commands.push(command(
        "Code and pipelines that read it by name.",
        format!("git grep -n -w {variable}"),
    ));
    commands.push(command(
        "Services and scheduled jobs of a Linux machine that are given it; file names only.",
        format!("sudo grep -rlw {variable} /etc/systemd/system /etc/default /etc/cron.d"),
    ));
    commands.push(command(
        "Workloads of a Kubernetes cluster that are given it; names only.",
        format!(
            "kubectl get deploy,sts,ds,cronjob -A -o yaml | grep -nw 'name: {}'",
            variable.trim_matches('\'')
        ),
    ));
    commands
}
