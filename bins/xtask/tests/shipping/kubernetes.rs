//! What the manifests of Kubernetes need is told, and what they must not lack is there.

use std::collections::BTreeSet;

use anyhow::{Context, ensure};

use crate::read;

const PODS: [&str; 2] = ["deployment.yaml", "migrate.yaml"];

#[test]
fn the_documented_secret_has_the_keys_that_are_mounted_and_no_others() -> anyhow::Result<()> {
    let page = read("deploy/README.md")?;
    let told: BTreeSet<String> = words_after(&page, "--from-literal=", '=');
    let mut mounted = BTreeSet::new();
    for file in PODS {
        let text = read(&format!("deploy/kubernetes/base/{file}"))?;
        mounted.extend(words_after(&text.replace(',', "\n"), "key: ", '\n'));
    }
    ensure!(mounted.len() >= 5, "only {mounted:?} were found");
    ensure!(told == mounted, "deploy/README.md tells of {told:?}, the pods mount {mounted:?}");
    Ok(())
}

#[test]
fn every_pod_keeps_the_standard_restricted_and_takes_nothing_from_its_namespace()
-> anyhow::Result<()> {
    for file in PODS {
        let text = read(&format!("deploy/kubernetes/base/{file}"))?;
        for line in [
            "      automountServiceAccountToken: false\n",
            "      enableServiceLinks: false\n",
            "        runAsNonRoot: true\n",
            "        seccompProfile:\n          type: RuntimeDefault\n",
            "            allowPrivilegeEscalation: false\n",
            "            readOnlyRootFilesystem: true\n",
            "            capabilities:\n              drop: [ALL]\n",
        ] {
            ensure!(text.contains(line), "{file} lacks {line:?}");
        }
    }
    Ok(())
}

/// It finds it by its place in a list, and only who uses the component would notice that the place is another one.
#[test]
fn the_component_without_redis_finds_what_it_takes_out() -> anyhow::Result<()> {
    let pods = read("deploy/kubernetes/base/deployment.yaml")?;
    let patch = read("deploy/kubernetes/components/without-redis/kustomization.yaml")?;
    for (list, before, entry, path, field) in [
        ("          env:\n", "            - name: ", "REDIS_URL_FILE", "containers/0/env", "name"),
        (
            "            items:\n",
            "              - {key: ",
            "redis-url",
            "volumes/0/secret/items",
            "key",
        ),
    ] {
        let (_, rest) = pods.split_once(list).with_context(|| format!("no {list:?}"))?;
        let entries = rest.lines().filter_map(|line| line.strip_prefix(before));
        let mut names = entries.map(|rest| rest.split(',').next().unwrap_or_default());
        let place = names.position(|name| name == entry).with_context(|| format!("no {entry}"))?;
        let path = format!("path: /spec/template/spec/{path}/{place}");
        for line in [
            format!("- {{op: test, {path}/{field}, value: {entry}}}\n"),
            format!("- {{op: remove, {path}}}\n"),
        ] {
            ensure!(patch.contains(&line), "the patch lacks {line:?}");
        }
    }
    Ok(())
}

/// What follows each `before`, up to `end`.
fn words_after(text: &str, before: &str, end: char) -> BTreeSet<String> {
    text.split(before)
        .skip(1)
        .filter_map(|rest| rest.split(end).next())
        .map(str::to_owned)
        .collect()
}
