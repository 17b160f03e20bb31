//! Going past a hook with a reason: `STANCH_BYPASS=reason`, or the push option
//! `stanch.bypass=reason` on a server.

use anyhow::bail;

use super::Hook;
use crate::policy::HookSettings;

/// Variable that holds the reason.
pub(super) const VARIABLE: &str = "STANCH_BYPASS";

/// Push option that holds the reason.
pub(super) const OPTION: &str = "stanch.bypass";

/// Most push options that are looked at.
const OPTIONS_MAX: usize = 1000;

/// Most characters of a reason that are kept.
const REASON_MAX: usize = 500;

/// Whether somebody wants to get past a hook, and may.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Bypass {
    /// Nobody asked.
    Unasked,
    /// Somebody asked, and policy does not allow it: the hook works as ever.
    Forbidden,
    /// For this reason.
    Granted(String),
}

/// What the environment asks for and policy grants.
///
/// # Errors
/// An empty reason: it would say nothing to whoever reads the trail.
pub(super) fn asked(hook: Hook, settings: &HookSettings) -> anyhow::Result<Bypass> {
    let var = |name: &str| std::env::var_os(name).map(|v| v.to_string_lossy().into_owned());
    decide(hook, settings, &var)
}

/// Whether a hook can be got past at all. On a server it is the
/// administrator who decides, so there it is off until it is switched on.
pub(super) fn is_allowed(hook: Hook, settings: &HookSettings) -> bool {
    settings.bypass.unwrap_or(hook != Hook::PreReceive)
}

fn decide(
    hook: Hook,
    settings: &HookSettings,
    var: &dyn Fn(&str) -> Option<String>,
) -> anyhow::Result<Bypass> {
    let option = (hook == Hook::PreReceive).then(|| option(var)).flatten();
    let Some(reason) = option.or_else(|| var(VARIABLE)) else { return Ok(Bypass::Unasked) };
    if !is_allowed(hook, settings) {
        return Ok(Bypass::Forbidden);
    }
    let reason: String = reason.trim().chars().take(REASON_MAX).collect();
    if reason.is_empty() {
        bail!("a bypass needs a reason, as in {VARIABLE}='made-up test data'");
    }
    Ok(Bypass::Granted(reason))
}

fn option(var: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let count: usize = var("GIT_PUSH_OPTION_COUNT")?.parse().ok()?;
    (0..count.min(OPTIONS_MAX)).find_map(|at| {
        let option = var(&format!("GIT_PUSH_OPTION_{at}"))?;
        let rest = option.strip_prefix(OPTION)?;
        match rest.strip_prefix('=') {
            Some(reason) => Some(reason.to_owned()),
            None => rest.is_empty().then(String::new),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(hook: Hook, bypass: Option<bool>, vars: &[(&str, &str)]) -> anyhow::Result<Bypass> {
        let settings = HookSettings { bypass, ..HookSettings::default() };
        let find = |name: &str| vars.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
        decide(hook, &settings, &find)
    }

    #[test]
    fn a_reason_opens_client_hooks_unless_policy_forbids_it() {
        let vars = [(VARIABLE, " test data ")];
        let granted = Bypass::Granted("test data".to_owned());
        assert_eq!(given(Hook::PreCommit, None, &vars).unwrap(), granted);
        assert_eq!(given(Hook::PrePush, Some(false), &vars).unwrap(), Bypass::Forbidden);
        assert_eq!(given(Hook::PreCommit, None, &[]).unwrap(), Bypass::Unasked);
        assert!(given(Hook::PreCommit, None, &[(VARIABLE, "  ")]).is_err());
    }

    #[test]
    fn a_server_opens_only_where_its_administrator_says_so() {
        let vars = [
            ("GIT_PUSH_OPTION_COUNT", "2"),
            ("GIT_PUSH_OPTION_0", "ci.skip"),
            ("GIT_PUSH_OPTION_1", "stanch.bypass=rotated"),
        ];
        assert_eq!(given(Hook::PreReceive, None, &vars).unwrap(), Bypass::Forbidden);
        let granted = Bypass::Granted("rotated".to_owned());
        assert_eq!(given(Hook::PreReceive, Some(true), &vars).unwrap(), granted);
        assert_eq!(given(Hook::PrePush, None, &vars).unwrap(), Bypass::Unasked);
        let empty = [("GIT_PUSH_OPTION_COUNT", "1"), ("GIT_PUSH_OPTION_0", "stanch.bypass")];
        assert!(given(Hook::PreReceive, Some(true), &empty).is_err());
        let other = [("GIT_PUSH_OPTION_COUNT", "1"), ("GIT_PUSH_OPTION_0", "stanch.bypassed=x")];
        assert_eq!(given(Hook::PreReceive, Some(true), &other).unwrap(), Bypass::Unasked);
        let absurd = [("GIT_PUSH_OPTION_COUNT", "99999999999999999999")];
        assert_eq!(given(Hook::PreReceive, Some(true), &absurd).unwrap(), Bypass::Unasked);
    }
}
