"""Terraform, with the real AWS provider: validated, tested with a mocked AWS, and applied to MiniStack, whose IAM counts.

Then `sluice doctor` looks at what was made, with nothing but the rights of the user that was made for nodes.
"""

import json
import os
import pathlib
import re
import shutil
import unittest

import boto3
import botocore.exceptions
import yaml

import support

TERRAFORM = shutil.which("terraform")
# Where the provider lies, since no registry is asked.
PLUGINS = pathlib.Path(os.environ.get("SLUICE_TERRAFORM_PLUGINS", "/opt/tf-plugins"))
REGION = "eu-central-1"
ACCOUNT = "000000000000"
# MiniStack loses most of an alarm, and of an identity the configuration set and the length of its next key.
EMULATORS_GAPS = {"aws_cloudwatch_metric_alarm", "aws_sesv2_email_identity"}
QUICKSTART = support.ROOT / "docs/quickstart-aws.md"

ROOT_MODULE = """
variable "endpoint" { type = string }
variable "public_url" {
  type    = string
  default = null
}

provider "aws" {
  region                      = "eu-central-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true

  endpoints {
    cloudwatch = var.endpoint
    iam        = var.endpoint
    kms        = var.endpoint
    route53    = var.endpoint
    sesv2      = var.endpoint
    sns        = var.endpoint
    sqs        = var.endpoint
    sts        = var.endpoint
  }
}

resource "aws_route53_zone" "this" {
  name = "apa.example"
}

resource "aws_sns_topic" "alarms" {
  name = "alarms"
}

module "sluice" {
  source = "./module"

  public_url = var.public_url
  # MiniStack knows no MAIL FROM domains: the mocked tests look at those.
  identities = {
    "apa.example"    = { mail_from = "" }
    "herald.example" = { mail_from = "", dmarc = "" }
  }
  route53_zones  = { "apa.example" = aws_route53_zone.this.zone_id }
  create_user    = true
  create_kms_key = true
  alarm_actions  = [aws_sns_topic.alarms.arn]
}

output "all" {
  value = module.sluice
}
"""


@unittest.skipUnless(TERRAFORM, "terraform is not installed")
class Text(unittest.TestCase):
    def test_format(self):
        support.run(TERRAFORM, "fmt", "-check", "-diff", "-recursive", support.DEPLOY / "terraform")


@unittest.skipUnless(TERRAFORM and PLUGINS.is_dir(), "terraform or its AWS provider is not here")
class Terraform(unittest.TestCase):
    def setUp(self):
        self.place = pathlib.Path(self.enterContext(support.folder()))
        self.environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.place),
            "CHECKPOINT_DISABLE": "1",
            "TF_IN_AUTOMATION": "1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def terraform(self, *arguments, folder=None, **options):
        return support.run(
            TERRAFORM, *arguments, cwd=folder or self.place, env=self.environment, timeout=240, **options
        )

    def module(self, name):
        target = self.place / name
        shutil.copytree(
            support.DEPLOY / "terraform", target, ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*")
        )
        return target

    def init(self, folder):
        self.terraform("init", "-input=false", "-no-color", f"-plugin-dir={PLUGINS}", folder=folder)

    def test_with_a_mocked_provider(self):
        module = self.module("module")
        self.init(module)
        self.terraform("validate", "-no-color", folder=module)
        print(self.terraform("test", "-no-color", folder=module).stdout.strip().splitlines()[-1])

    def test_the_example_is_valid(self):
        example = self.module("all") / "example"
        self.init(example)
        self.terraform("validate", "-no-color", folder=example)

    def test_applied_to_an_emulator(self):
        self.module("module")
        (self.place / "main.tf").write_text(ROOT_MODULE)
        self.init(self.place)
        port = support.free_port()
        endpoint = f"http://127.0.0.1:{port}"
        variables = ["-var", f"endpoint={endpoint}"]
        with support.process(
            "ministack", support.REFEREES / "bin/ministack", folder=self.place, cwd=self.place,
            env={
                "PATH": "/usr/bin:/bin", "HOME": str(self.place), "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port),
                "MINISTACK_HOST": "127.0.0.1", "IOT_MTLS_ENABLED": "0", "AUTH": "true",
            },
        ):
            support.eventually("MiniStack is ready", lambda: support.get(endpoint + "/_ministack/health")[0] == 200)
            self.terraform("apply", "-input=false", "-no-color", "-auto-approve", *variables)
            made = json.loads(self.terraform("output", "-json", "all").stdout)
            keys = self.node_keys(endpoint, made)
            for check in (self.check_policies, self.check_rights, self.check_doctor, self.check_quickstart):
                with self.subTest(check.__name__):
                    check(endpoint, made, keys)
            with self.subTest("a second apply would change nothing"):
                self.check_second_plan(variables)
            # Made by hand, as the quickstart has it, so that Terraform does not know of them: one here, one by its own line.
            iam = self.client("iam", endpoint)
            for key in iam.list_access_keys(UserName=made["user_name"])["AccessKeyMetadata"]:
                iam.delete_access_key(UserName=made["user_name"], AccessKeyId=key["AccessKeyId"])
            self.terraform("destroy", "-input=false", "-no-color", "-auto-approve", *variables)

    def check_second_plan(self, variables):
        """What the emulator does not give back as it was set differs; nothing else may."""
        self.terraform("plan", "-input=false", "-no-color", "-out=again", *variables)
        changes = json.loads(self.terraform("show", "-json", "again").stdout)["resource_changes"]
        self.assertGreater(len(changes), 20)
        changed = {change["type"] for change in changes if change["change"]["actions"] not in (["no-op"], ["read"])}
        self.assertLessEqual(changed, EMULATORS_GAPS)

    def client(self, service, endpoint, keys=("test", "test")):
        return boto3.client(
            service, region_name=REGION, endpoint_url=endpoint, aws_access_key_id=keys[0], aws_secret_access_key=keys[1]
        )

    def node_keys(self, endpoint, made):
        key = self.client("iam", endpoint).create_access_key(UserName=made["user_name"])["AccessKey"]
        return key["AccessKeyId"], key["SecretAccessKey"]

    def check_policies(self, endpoint, made, keys):
        """Who may publish to the topic and to the queue: nobody but the one that has to."""
        attributes = self.client("sns", endpoint).get_topic_attributes(TopicArn=made["topic_arn"])["Attributes"]
        self.assertEqual(attributes["SignatureVersion"], "2")
        statement, = json.loads(attributes["Policy"])["Statement"]
        self.assertEqual(statement["Principal"], {"Service": "ses.amazonaws.com"})
        self.assertEqual(statement["Action"], "sns:Publish")
        self.assertEqual(
            statement["Condition"]["StringEquals"],
            {
                "AWS:SourceAccount": ACCOUNT,
                "AWS:SourceArn": f"arn:aws:ses:{REGION}:{ACCOUNT}:configuration-set/sluice",
            },
        )
        queue = self.client("sqs", endpoint).get_queue_attributes(QueueUrl=made["queue_url"], AttributeNames=["All"])
        statement, = json.loads(queue["Attributes"]["Policy"])["Statement"]
        self.assertEqual(statement["Principal"], {"Service": "sns.amazonaws.com"})
        self.assertEqual(statement["Condition"], {"ArnEquals": {"aws:SourceArn": made["topic_arn"]}})
        self.assertEqual(json.loads(queue["Attributes"]["RedrivePolicy"])["maxReceiveCount"], 20)
        # MiniStack judges no encryption contexts, so what the node may do with the key is only read.
        policy = self.client("iam", endpoint).get_policy_version(PolicyArn=made["policy_arn"], VersionId="v1")
        document = policy["PolicyVersion"]["Document"]
        seal, = [it for it in document["Statement"] if it["Sid"] == "Seal"]
        self.assertEqual((sorted(seal["Action"]), seal["Resource"]), (["kms:Decrypt", "kms:Encrypt"], made["kms_key_arn"]))
        self.assertEqual(seal["Condition"], {"Null": {"kms:EncryptionContext:sluice:data_key": "false"}})
        names = {record["name"] for record in made["dns_records"]}
        zone = self.client("route53", endpoint).list_hosted_zones()["HostedZones"][0]["Id"]
        in_zone = self.client("route53", endpoint).list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
        ours = {record["Name"].rstrip(".") for record in in_zone if record["Type"] in ("CNAME", "TXT")}
        self.assertEqual(ours, {name for name in names if name.endswith("apa.example")})
        self.assertEqual(len(names), 3 + 1 + 3)

    def check_rights(self, endpoint, made, keys):
        """The node's user can do its work, and nothing beside it."""
        queue = self.client("sqs", endpoint, keys)
        # What SES publishes comes through topic and queue.
        self.client("sns", endpoint).publish(TopicArn=made["topic_arn"], Message='{"eventType": "Send"}')
        message, = queue.receive_message(QueueUrl=made["queue_url"], WaitTimeSeconds=5)["Messages"]
        envelope = json.loads(message["Body"])
        self.assertEqual((envelope["Type"], envelope["TopicArn"]), ("Notification", made["topic_arn"]))
        queue.change_message_visibility(
            QueueUrl=made["queue_url"], ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=1
        )
        queue.delete_message(QueueUrl=made["queue_url"], ReceiptHandle=message["ReceiptHandle"])
        mail = self.client("sesv2", endpoint, keys)
        # Of a call to send MiniStack sees no resource, so that right is only read.
        for what, forbidden in {
            "making identities": lambda: mail.create_email_identity(EmailIdentity="other.example"),
            "deleting the set": lambda: mail.delete_configuration_set(ConfigurationSetName=made["configuration_set"]),
            "emptying the queue": lambda: queue.purge_queue(QueueUrl=made["queue_url"]),
            "publishing": lambda: self.client("sns", endpoint, keys).publish(TopicArn=made["topic_arn"], Message="x"),
            "other queues": lambda: queue.receive_message(QueueUrl=made["dead_letter_queue_url"]),
            "more rights": lambda: self.client("iam", endpoint, keys).list_users(),
        }.items():
            with self.subTest(what), self.assertRaises(botocore.exceptions.ClientError) as refusal:
                forbidden()
            self.assertRegex(refusal.exception.response["Error"]["Code"], "AccessDenied|AuthorizationError", what)

    def check_doctor(self, endpoint, made, keys):
        """`sluice apply` takes the output as it is, and `sluice doctor` is content."""
        document = yaml.safe_load(made["accounts_yaml"])
        account, = document["accounts"]
        self.assertEqual(account["sns_topics"], [made["topic_arn"]])
        self.assertEqual(account["sqs_queue_url"], made["queue_url"])
        # The emulator's, in place of AWS's.
        account["endpoint"] = endpoint
        account["shares"] = {"AT": {"rate": 1}}
        document["tenants"] = [
            {"name": "apa", "from_domains": ["apa.example"], "default_region": "AT", "regions": {"AT": "main/AT"}}
        ]
        file = self.place / "accounts.yaml"
        file.write_text(yaml.safe_dump(document))
        file.chmod(0o644)
        with support.postgres() as url:
            support.sluice("migrate", url=url)
            support.sluice("apply", file, url=url)
            # As docs/quickstart-aws.md and deploy/README.md have it: what they say to write, and by which way.
            example = re.search(r"```yaml\n(.*?)```", QUICKSTART.read_text(), re.DOTALL).group(1)
            file.write_text(example)
            plan = support.sluice("apply", "--dry-run", file, url=url).stdout
            self.assertIn("tenant shop", plan)
            doctor = support.sluice(
                "doctor", "--json", url=url, check=False,
                AWS_ACCESS_KEY_ID=keys[0], AWS_SECRET_ACCESS_KEY=keys[1],
            )
            findings = json.loads(doctor.stdout)
            for finding in findings:
                print(finding)
            problems = [finding for finding in findings if not finding["ok"]]
            self.assertEqual(problems, [])
            self.assertEqual(doctor.returncode, 0)
            details = " ".join(finding["detail"] for finding in findings)
            for word in ("signs with SHA-256", "goes to a queue", "exists; 0 messages wait", "sluice: BOUNCE, COMPLAINT"):
                self.assertIn(word, details)

    def check_quickstart(self, endpoint, made, keys):
        """Each line of the AWS CLI in docs/quickstart-aws.md, with the names of what was made."""
        if not shutil.which("aws"):
            print("the AWS CLI is not here: its lines in docs/quickstart-aws.md are not run")
            return
        blocks = re.findall(r"```\n(.*?)```", QUICKSTART.read_text(), re.DOTALL)
        lines = [line for block in blocks for line in re.sub(r"\\\n\s*", " ", block).splitlines()]
        lines = [line for line in lines if line.startswith("aws ")]
        self.assertGreater(len(lines), 4)
        for line in lines:
            line = line.replace("--email-identity example.com", "--email-identity apa.example")
            line = line.replace("$(tf output -raw user_name)", made["user_name"])
            done = support.run(
                "bash", "-c", line, check=False,
                env={
                    "PATH": os.environ["PATH"], "HOME": str(self.place), "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION,
                    "AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
                },
            )
            self.assertEqual(done.returncode, 0, f"{line}\n{done.stderr}")


if __name__ == "__main__":
    unittest.main()
