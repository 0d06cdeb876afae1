"""Uses a tenant's dashboard as a person does, in Chromium, and lets axe-core judge each page.

Argument: a JSON object {public, operator, keys: {tenant: key, admin: key}, chromium, screenshots}, of what ./run starts: the tenant apa, and
herald without mail. Says what is wrong, one line each, and exits 1 when there is something.
"""

import json
import pathlib
import re
import sys
import time
import urllib.parse
import urllib.request

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

SETTINGS = json.loads(sys.argv[1])
PAGES = [
    "", "messages", "recipients", "events", "reports", "reports/last", "usage", "webhooks", "suppressions",
    "templates", "domains", "keys",
]
HTML = (
    "<style>h1{color:#0b6480}</style><h1>Hello {{name}}</h1><script>parent.document.title='owned'</script>"
    "<img src=x onerror=\"parent.document.title='owned'\"><form action=/dashboard/sign-out method=post><button>Go</button></form>"
)

problems = []


def check(condition, words):
    if not condition:
        problems.append(words)
        print("PROBLEM", words)


class API:
    def __init__(self, base, key):
        self.base, self.key = base, key

    def __call__(self, method, path, body=None):
        request = urllib.request.Request(
            self.base + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read().decode()
            return json.loads(text) if text.startswith("{") else text


def fill(api):
    """Mail of every fate, a template, a webhook that nobody answers, a suppressed address."""
    for number in range(40):
        fate = "bounce" if number % 8 == 3 else "complaint" if number == 20 else "success"
        api("POST", "/send", {
            "from": "Shop <shop@apa.example>", "to": f"{fate}+{number}@simulator.amazonses.com",
            "subject": f"Your order {1000 + number}", "text": "Thank you.", "html": HTML.replace("{{name}}", "you"),
            "tags": {"campaign": "orders"}, "region": "UK" if number % 3 == 0 else "AT",
        })
    api("POST", "/send", {
        "from": "shop@apa.example", "to": ["a@simulator.amazonses.com", "bounce+z@simulator.amazonses.com"],
        "subject": "<script>document.title='owned'</script>", "text": "For two.",
    })
    api("POST", "/send", {
        "from": "shop@apa.example", "to": "later@simulator.amazonses.com", "subject": "Later", "text": "x",
        "scheduled_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 7200)),
    })
    name = f"welcome-{int(time.time())}"
    api("POST", "/templates", {"name": name, "subject": "Welcome, {{name}}", "text": "Hello {{name}}.", "html": HTML})
    hook = api("POST", "/webhooks", {"url": "http://127.0.0.1:9/hooks", "description": "nobody's"})
    deadline = time.time() + 60
    while time.time() < deadline:
        if len(api("GET", "/messages?status=bounced")["data"]) >= 5 and api("GET", "/messages?status=complained")["data"]:
            return name, hook["id"]
        time.sleep(0.5)
    check(False, "the simulator's bounces have not come within a minute")
    return name, hook["id"]


def sign_in(page, base, key):
    page.goto(base + "/dashboard")
    page.fill("#key", key)
    page.click("button")
    page.wait_for_url(base + "/dashboard")


def look(page, base, path, name, folder):
    answer = page.goto(f"{base}/dashboard/{path}".rstrip("/"))
    check(answer.status == 200, f"{name} {path}: {answer.status}")
    page.wait_for_timeout(300)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    check(wide <= 0, f"{name} {path}: is {wide} pixels wider than the screen")
    for fault in Axe().run(page).response["violations"]:
        if fault["impact"] in ("serious", "critical", "moderate"):
            check(False, f"{name} {path}: {fault['id']} ({fault['impact']}): {fault['nodes'][0]['html'][:160]}")
    if folder:
        short = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|welcome-\d+", "one", path).replace("/", "_") or "overview"
        page.screenshot(path=f"{folder}/{name}-{short}.png", full_page=True)


def work(page, base, api, template):
    """What a tenant does there."""
    page.goto(base + "/dashboard/messages")
    page.select_option("#field-status", "bounced")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name=re.compile("Your order")).first.click()
    expect(page.locator(".timeline")).to_contain_text("Bounced")
    expect(page.locator(".timeline")).to_contain_text("Accepted and queued")

    page.get_by_role("link", name="What it says").click()
    expect(page.frame_locator("iframe.mail").locator("h1")).to_have_text("Hello you")
    check("owned" not in page.title(), "a mail's script has run in its page")

    page.goto(f"{base}/dashboard/templates/{template}")
    page.fill("#data", json.dumps({"name": "Ann"}))
    page.get_by_role("button", name="Show").click()
    expect(page.frame_locator("iframe.mail").locator("h1")).to_have_text("Hello Ann")
    check("owned" not in page.title(), "a template's script has run in its page")

    page.goto(base + "/dashboard/recipients")
    with page.expect_download() as download:
        page.get_by_role("link", name="Export as CSV").click()
    lines = pathlib.Path(download.value.path()).read_text().splitlines()
    check(lines[0].startswith("email,status,reason") and len(lines) > 5, f"the CSV has {len(lines)} lines")

    page.goto(base + "/dashboard/suppressions")
    page.fill("#email", "gone@example.org")
    page.get_by_role("button", name="Suppress").click()
    page.on("dialog", lambda dialog: dialog.accept())
    remove = page.get_by_role("button", name="Remove gone@example.org")
    expect(remove).to_be_visible()
    remove.click()
    expect(remove).to_have_count(0)

    page.goto(base + "/dashboard/events")
    before = page.locator("#events tbody tr").first.inner_text()
    api("POST", "/send", {"from": "shop@apa.example", "to": "success+live@simulator.amazonses.com", "subject": "Live", "text": "x"})
    expect(page.locator("#events")).to_contain_text("success+live@", timeout=15000)
    check(page.locator("#events tbody tr").first.inner_text() != before, "events are not live")

    page.goto(base + "/dashboard/keys")
    page.fill("#name", "browser")
    page.get_by_role("button", name="Make the key").click()
    secret = page.locator("dialog pre").inner_text()
    check(re.fullmatch(r"sk_live_[0-9A-Za-z]{46}", secret), "the new key is not shown")
    page.get_by_role("button", name="I have it").click()
    page.get_by_role("button", name="Revoke browser").wait_for()
    check(secret not in page.content(), "a key is shown twice")
    return secret


def end(page, base, secret):
    """A key that is revoked ends its sessions; the way back leads to where one was."""
    sign_in(page, base, secret)
    API(base, secret)("DELETE", "/keys/" + next(
        key["id"] for key in API(base, secret)("GET", "/keys?limit=100")["data"] if key["name"] == "browser"
    ))
    page.wait_for_timeout(2500)
    page.goto(base + "/dashboard/usage")
    check(urllib.parse.urlparse(page.url).path == "/dashboard/sign-in", "a revoked key's session goes on")
    check("next=%2Fdashboard%2Fusage" in page.url, "the way back is lost")


def main():
    base, folder = SETTINGS["public"], SETTINGS.get("screenshots")
    admin = API(SETTINGS["operator"], SETTINGS["keys"]["admin"])
    scopes = ["send", "read", "webhooks", "suppressions", "templates", "keys", "content"]
    key = admin("POST", "/admin/tenants/apa/keys", {"name": "dashboard", "scopes": scopes})["key"]
    api = API(base, key)
    template, hook = fill(api)
    bounced = api("GET", "/messages?status=bounced&limit=1")["data"][0]["id"]
    mixed = api("GET", "/messages?status=mixed&limit=1")["data"]
    pages = PAGES + [f"templates/{template}", f"webhooks/{hook}", f"messages/{bounced}", f"messages/{bounced}/content"]
    pages += [f"messages/{mixed[0]['id']}"] if mixed else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=SETTINGS["chromium"], args=["--no-sandbox"])
        for name, width, scheme in [("wide", 1280, "light"), ("narrow", 390, "light"), ("dark", 1280, "dark")]:
            context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
            page = context.new_page()
            page.on("pageerror", lambda error: check(False, f"a script fails: {error}"))
            sign_in(page, base, key)
            for path in pages:
                look(page, base, path, name, folder)
            context.close()
        context = browser.new_context()
        page = context.new_page()
        sign_in(page, base, SETTINGS["keys"]["herald"])
        for path in PAGES:
            look(page, base, path, "empty", folder)
        context.close()
        page = browser.new_context(accept_downloads=True).new_page()
        sign_in(page, base, key)
        secret = work(page, base, api, template)
        end(browser.new_context().new_page(), base, secret)
        browser.close()
    print(f"looked at {len(pages) * 3 + len(PAGES)} pages: {len(problems)} problems")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
