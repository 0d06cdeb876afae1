"""The chart, linted and rendered by Helm's own library, and held against Kubernetes' schemas. No cluster is asked."""

import pathlib
import unittest

import yaml

import support

try:
    import helm_python
    import kubernetes_validate
except ImportError:
    helm_python = kubernetes_validate = None

CHART = support.DEPLOY / "helm/sluice"
# The oldest that the chart allows, and the newest whose schemas are here.
VERSIONS = ["1.27.16", "1.37.0"]
# Resources of others' definitions have no schema there.
FOREIGN = {"ServiceMonitor"}

ALL_ON = {
    "ingress": {"enabled": True, "className": "nginx", "tlsSecretName": "tls", "annotations": {"a": "b"}},
    "serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}},
    "networkPolicy": {
        "publicFrom": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "ingress-nginx"}}}],
        "databaseTo": [{"ipBlock": {"cidr": "10.0.5.0/24"}}],
        "extraEgress": [{"ports": [{"port": 4318, "protocol": "TCP"}]}],
    },
    "config": {"public_url": "https://send.example.com", "trusted_proxies": ["10.0.0.0/8"], "shutdown_grace": "60s", "webhooks": {"allow_http": False}},
    "env": [{"name": "SLUICE_LOG_LEVEL", "value": "debug"}],
    "imagePullSecrets": [{"name": "registry"}],
    "podAnnotations": {"a": "b"},
    "priorityClassName": "high",
    "nodeSelector": {"disk": "fast"},
    "tolerations": [{"key": "mail", "operator": "Exists"}],
    "affinity": {"nodeAffinity": {}},
    "serviceAccount": {"annotations": {"eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/sluice"}},
}
ONE_POOL = {
    "pools": {"gateway": None, "dispatch": None, "feedback": None, "webhooks": None,
              "node": {"roles": ["gateway", "dispatch", "feedback", "webhooks"], "replicas": 3}},
}


@unittest.skipUnless(helm_python, "helm-python-sdk and kubernetes-validate are not in this environment")
class Chart(unittest.TestCase):
    def render(self, values, name="mail"):
        with helm_python.Chart.load(str(CHART)) as chart:
            texts = chart.render(values, name=name, namespace="mail")
        found = []
        for path, text in texts.items():
            if path.endswith(".txt"):
                continue
            found += [document for document in yaml.safe_load_all(text) if document]
        return found

    def of(self, documents, kind):
        return [document for document in documents if document["kind"] == kind]

    def test_lint(self):
        report = helm_python.lint(str(CHART))
        self.assertEqual(report["errors"], [])
        # It would like an icon.
        self.assertEqual([it["error"] for it in report["messages"]], ["icon is recommended"])

    def test_schemas(self):
        for name, values in {"defaults": {}, "all on": ALL_ON, "one pool": ONE_POOL}.items():
            documents = self.render(values)
            self.assertGreater(len(documents), 8)
            for document in documents:
                if document["kind"] in FOREIGN:
                    continue
                for version in VERSIONS:
                    with self.subTest(f"{name}: {document['kind']} {document['metadata']['name']}, {version}"):
                        kubernetes_validate.validate(document, version, strict=True)

    def test_schemas_can_say_no(self):
        document = self.of(self.render({}), "Deployment")[0]
        document["spec"]["template"]["spec"]["containers"][0]["readynessProbe"] = {}
        with self.assertRaises(kubernetes_validate.ValidationError):
            kubernetes_validate.validate(document, VERSIONS[-1], strict=True)

    def test_wrong_values_are_refused(self):
        for values in [
            {"pools": {"gateway": {"roles": ["gatway"]}}},
            {"secretName": ""},
            {"config": {"database": {"url": "postgres://"}}},
            {"config": {"listen": {"public": "127.0.0.1:8080"}}},
            {"replicas": 3},
            {"ingress": {"enabled": True}},
        ]:
            with self.subTest(str(values)), self.assertRaises(helm_python.HelmError):
                self.render(values)

    def test_pods_are_locked_down(self):
        documents = self.render(ALL_ON)
        pods = [document["spec"]["template"]["spec"] for document in documents
                if document["kind"] in ("Deployment", "Job")]
        self.assertEqual(len(pods), 5)
        for pod in pods:
            self.assertFalse(pod["automountServiceAccountToken"])
            self.assertTrue(pod["securityContext"]["runAsNonRoot"])
            self.assertEqual(pod["securityContext"]["seccompProfile"], {"type": "RuntimeDefault"})
            container, = pod["containers"]
            self.assertEqual(
                container["securityContext"],
                {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}},
            )
            self.assertNotIn("postgres://", str(pod))
            self.assertIn({"name": "secrets", "mountPath": "/run/secrets", "readOnly": True}, container["volumeMounts"])

    def test_broadcasts_have_a_place_to_be_written_to(self):
        for deployment in self.of(self.render({}), "Deployment"):
            pod = deployment["spec"]["template"]["spec"]
            self.assertIn({"name": "tmp", "emptyDir": {"sizeLimit": "1Gi"}}, pod["volumes"])
            self.assertIn({"name": "tmp", "mountPath": "/tmp"}, pod["containers"][0]["volumeMounts"])

    def test_the_rules_find_their_job(self):
        monitor, = self.of(self.render(ALL_ON), "ServiceMonitor")
        endpoint, = monitor["spec"]["endpoints"]
        self.assertIn({"targetLabel": "job", "replacement": "sluice"}, endpoint["relabelings"])

    def test_every_role_is_reached_as_it_is_meant(self):
        for values, pools in (({}, 4), (ONE_POOL, 1)):
            documents = self.render(values)
            deployments = self.of(documents, "Deployment")
            self.assertEqual(len(deployments), pools)
            self.assertEqual(len(self.of(documents, "PodDisruptionBudget")), pools)
            for role in ("gateway", "feedback"):
                service, = [it for it in self.of(documents, "Service") if it["metadata"]["name"].endswith(f"-{role}")]
                behind = [
                    it for it in deployments
                    if service["spec"]["selector"].items() <= it["spec"]["template"]["metadata"]["labels"].items()
                ]
                self.assertEqual(len(behind), 1)
                container, = behind[0]["spec"]["template"]["spec"]["containers"]
                self.assertIn(role, container["args"][2].split(","))
                self.assertIn("public", [port["name"] for port in container["ports"]])
            roles = [role for it in deployments
                     for role in it["spec"]["template"]["spec"]["containers"][0]["args"][2].split(",")]
            self.assertEqual(sorted(roles), ["dispatch", "feedback", "gateway", "webhooks"])

    def test_a_stop_has_the_time_that_it_takes(self):
        for values, grace in (({}, 20), (ALL_ON, 60)):
            for deployment in self.of(self.render(values), "Deployment"):
                pod = deployment["spec"]["template"]["spec"]
                self.assertGreaterEqual(pod["terminationGracePeriodSeconds"], grace + 25)
                self.assertEqual(deployment["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"], 0)

    def test_the_migration_comes_first(self):
        job, = self.of(self.render({}), "Job")
        self.assertEqual(job["metadata"]["annotations"]["helm.sh/hook"], "pre-install,pre-upgrade")
        pod = job["spec"]["template"]["spec"]
        # Nothing that the chart makes later.
        self.assertNotIn("serviceAccountName", pod)
        self.assertEqual([volume["name"] for volume in pod["volumes"]], ["secrets"])

    def test_the_node_takes_its_configuration(self):
        """What the chart writes is read by the program; what it does not know, it would refuse."""
        with support.folder() as place:
            for values in ({}, ALL_ON):
                config, = self.of(self.render(values), "ConfigMap")
                file = pathlib.Path(place) / "sluice.yaml"
                file.write_text(config["data"]["sluice.yaml"])
                file.chmod(0o644)
                done = support.sluice(
                    "serve", "--config", file, "--database-url", "postgres://nobody@127.0.0.1:1/none", "--roles", "x",
                    check=False,
                )
                # It has got past the file, to the role that is none.
                self.assertIn("'x' is no role", done.stderr)
            file.write_text("liisten: {}\n")
            self.assertIn("liisten", support.sluice("serve", "--config", file, "--roles", "x", check=False).stderr)


if __name__ == "__main__":
    unittest.main()
