"""What the operator's dashboard does on bad days: the node goes, the connection dies silently, the clock is wrong, the session ends,
others change the shares, and there is much of everything. dashboard.py runs it.
"""

import datetime
import re
import socket
import threading
import time
import urllib.parse

from playwright.sync_api import expect

WRONG_CLOCK = """
const real = Date;
globalThis.Date = class extends real {
  constructor(...values) { if (values.length) super(...values); else super(real.now() + 86400000); }
  static now() { return real.now() + 86400000; }
};
"""


class Wire:
    """Between the browser and the node. Can be cut and mended; and can freeze the streams that pass through it, which nobody is told."""

    def __init__(self, port):
        self.to, self.is_cut, self.pairs = port, False, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            near, _ = self.listener.accept()
            if self.is_cut:
                near.close()
                continue
            pair = {"near": near, "far": socket.create_connection(("127.0.0.1", self.to)), "frozen": False, "stream": False}
            self.pairs.append(pair)
            for source, target in (("near", "far"), ("far", "near")):
                threading.Thread(target=self.pump, args=(pair, source, target), daemon=True).start()

    def pump(self, pair, source, target):
        try:
            while data := pair[source].recv(65536):
                pair["stream"] |= b"text/event-stream" in data
                if not pair["frozen"]:
                    pair[target].sendall(data)
        except OSError:
            pass
        if not pair["frozen"]:
            self.end(pair)

    @staticmethod
    def end(pair):
        for side in ("near", "far"):
            try:
                pair[side].shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def cut(self):
        self.is_cut = True
        for pair in self.pairs:
            self.end(pair)

    def mend(self):
        self.is_cut = False

    def freeze(self):
        for pair in self.pairs:
            pair["frozen"] |= pair["stream"]


class BadDays:
    def __init__(self, house, browser):
        """house: what dashboard.py has for its own steps: OPERATOR, KEYS, PATIENCE, api, say, slide, until."""
        self.house, self.browser = house, browser
        self.api = lambda method, path, body=None, **more: house.api(method, house.OPERATOR + path, body, house.KEYS["admin"], **more)

    def page(self, base=None, script=None):
        context = self.browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
        context.set_default_timeout(self.house.PATIENCE)
        if script:
            context.add_init_script(script)
        page = context.new_page()
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto((base or self.house.OPERATOR) + "/dashboard/accounts/main")
        self.enter(page)
        return page

    def enter(self, page):
        page.get_by_label("An admin's key").fill(self.house.KEYS["admin"])
        page.get_by_role("button", name="Sign in").click()
        expect(page.locator("#promised")).to_contain_text("promised", timeout=self.house.PATIENCE)

    def goes_on(self, page):
        """There are news, and they are of now by the server's clock."""
        page.evaluate("document.getElementById('chart-table').closest('details').open = true")
        newest = page.locator("#chart-table tbody th").first
        until = time.monotonic() + 20
        before = newest.inner_text() if newest.count() else ""
        while time.monotonic() < until and (newest.count() == 0 or newest.inner_text() == before):
            time.sleep(0.25)
        shown = [int(part) for part in newest.inner_text().split(":")]
        now = datetime.datetime.now(datetime.timezone.utc)
        behind = (now.hour * 3600 + now.minute * 60 + now.second - shown[0] * 3600 - shown[1] * 60 - shown[2]) % 86400
        assert newest.inner_text() != before and behind < 30, f"no news: {before}, {newest.inner_text()}, {behind} s behind"

    def node_goes(self):
        wire = Wire(urllib.parse.urlparse(self.house.OPERATOR).port)
        page = self.page(f"http://127.0.0.1:{wire.port}")
        notice = page.locator("#connection")
        self.goes_on(page)
        wire.cut()
        expect(notice).to_contain_text(re.compile(r"Connection lost. What you see is of \d\d:\d\d:\d\d UTC"))
        time.sleep(3)
        wire.mend()
        expect(notice).to_be_hidden(timeout=30_000)
        self.goes_on(page)
        self.house.say("the node went and came back; the page said so, and went on")
        wire.freeze()
        expect(notice).to_contain_text("Nothing heard", timeout=15_000)
        expect(notice).to_be_hidden(timeout=40_000)
        self.goes_on(page)
        self.house.say("a connection died silently, and the page made another")
        page.context.close()

    def focus_stays(self):
        """What is live goes on while a link in it has the focus, and the link keeps it."""
        page = self.page()
        page.goto(self.house.OPERATOR + "/dashboard")
        link = page.locator("main").get_by_role("link", name="main", exact=True).first
        link.focus()
        # A mark that only the element of now has.
        link.evaluate("link => { link.dataset.old = 'yes'; }")
        self.house.send("success@simulator.amazonses.com", self.house.KEYS["apa"])
        self.house.until("the part is made anew", lambda: link.get_attribute("data-old") is None, 30)
        expect(link).to_be_focused()
        self.house.say("a live part went on under the focus")
        page.context.close()

    def clock_is_wrong(self):
        page = self.page(script=WRONG_CLOCK)
        self.goes_on(page)
        page.goto(self.house.OPERATOR + "/dashboard/messages?status=bounced")
        ages = page.locator("main time").all_inner_texts()
        assert ages and all(re.fullmatch(r"\d+ (s|min) ago", age) for age in ages), f"ages are {ages}"
        self.house.say("a browser's clock was a day ahead, and nothing on the pages was")
        page.context.close()

    def session_ends(self):
        page = self.page()
        self.house.slide(page, "UK", "Weight", 14)
        other = page.context.new_page()
        other.goto(self.house.OPERATOR + "/dashboard/nodes")
        other.get_by_role("button", name="Sign out").click()
        expect(page.get_by_text("Your session has ended")).to_be_visible(timeout=self.house.PATIENCE)
        self.enter(page)
        expect(page).to_have_url(re.compile("accounts/main$"))
        expect(page.locator("#share-changes")).to_contain_text("What you had not saved is kept")
        expect(page.locator("fieldset[data-path='UK'] input[name=weight]")).to_have_value("14")
        page.get_by_role("button", name="Discard").click()
        page.goto(self.house.OPERATOR + "/dashboard/messages?status=failed")
        again = page.get_by_role("button", name=re.compile("Send again")).first
        expect(again).to_be_visible()
        page.context.clear_cookies()
        again.click()
        expect(page.get_by_text("Your session has ended")).to_be_visible()
        self.house.say("a session ended, the page said so and led back, and what was not saved was there")
        page.context.close()

    def save(self, page):
        page.get_by_role("button", name="Preview").click()
        page.get_by_role("button", name="Save").click()
        expect(page.locator("#share-changes")).to_contain_text("Saved")

    def shares_change(self):
        """What is undone is one's own change and nothing else; what was lowered by hand stays; other shares are not mixed up."""
        page = self.page()
        rate = page.locator("fieldset[data-path='other'] input[name=rate]")
        self.house.slide(page, "other", "Rate", 6)
        self.house.slide(page, "UK", "Rate", 15)
        expect(rate).to_have_value("6")
        page.get_by_role("button", name="Discard").click()
        path = "/admin/accounts/main/"
        self.house.slide(page, "UK", "Weight", 12)
        self.save(page)
        for step in ("pause", "resume"):
            self.api("POST", path + step)
        page.get_by_role("button", name="Undo the last change").click()
        expect(page.locator("#share-changes")).to_contain_text("Undone")
        self.house.slide(page, "UK", "Weight", 12)
        self.save(page)
        tree = self.api("GET", path + "shares")
        for weight, words in ((13, "nothing to undo"), (10, "")):
            version = self.api("GET", path + "shares")["version"]
            tree["shares"]["UK"]["weight"] = weight
            self.api("PUT", path + "shares", {"shares": tree["shares"]}, headers={"If-Match": f'"{version}"'})
            if words:
                page.get_by_role("button", name="Undo the last change").click()
                expect(page.locator("#share-changes")).to_contain_text(words)
        self.house.say("undid its own change only")
        version = self.api("GET", path + "shares")["version"]
        tree["shares"]["Aaa"] = {"rate": 0, "ceiling": 1}
        self.api("PUT", path + "shares", {"shares": tree["shares"]}, headers={"If-Match": f'"{version}"'})
        expect(page.locator("#share-changes")).to_contain_text("other shares by now", timeout=self.house.PATIENCE)
        self.house.slide(page, "UK", "Weight", 11)
        expect(page.get_by_role("button", name="Preview")).to_be_disabled()
        expect(page.locator("[id='figures/UK'] .line.guarantee")).to_have_attribute("data-value", "10")
        page.reload()
        expect(page.locator("fieldset[data-path='Aaa']")).to_be_visible()
        self.house.say("the tree of shares changed under the page, and it said so")
        page.context.close()

    def many_again(self):
        """Two that failed, one of which may not be sent again: the page says how many, and why."""
        house, key = self.house, self.house.KEYS["apa"]
        dead = [f"dead-{number}@again.example" for number in (1, 2)]
        faults = house.SETTINGS["simulator"] + "/_simulator/faults"
        house.api("PUT", faults, {"faults": [{
            "fault": "status", "code": 400, "error": "MessageRejected", "message": "Not today", "recipient": "dead-"}]})
        for address in dead:
            house.send(address, key)
        house.until("both failed", lambda: len(self.api("GET", "/admin/recipients?status=failed&domain=again.example")["data"]) == 2)
        page = self.page()
        page.goto(house.OPERATOR + "/dashboard/messages?domain=again.example")
        house.api("POST", house.PUBLIC + "/suppressions", {"email": dead[0]}, key)
        page.get_by_role("button", name="Send all on this page again").click()
        expect(page.locator("#toasts")).to_contain_text("1 queued again. 1 not sent: the tenant suppresses the address.")
        house.until("it failed again", lambda: any(
            one["email"] == dead[1] and one["attempts"] == 2
            for one in self.api("GET", "/admin/recipients?status=failed&domain=again.example")["data"]))
        page.goto(house.OPERATOR + "/dashboard/messages?domain=again.example")
        house.api("POST", house.PUBLIC + "/suppressions", {"email": dead[1]}, key)
        page.get_by_role("button", name="Send all on this page again").click()
        expect(page.locator("#toasts .bad")).to_contain_text("2 not sent: the tenant suppresses the address.")
        house.api("DELETE", faults)
        house.say("sent many again, and read which were not sent and why")
        page.context.close()

    def many_tenants(self):
        document = {"from_domains": ["many.example"], "default_region": "UK", "regions": {"UK": "main/UK"}}
        try:
            self.api("PUT", "/admin/tenants/" + urllib.parse.quote("<script>", safe=""), document)
            raise SystemExit("a tenant may be called <script>")
        except AssertionError as refusal:
            assert "422" in str(refusal) or "400" in str(refusal), refusal
        name = "<script>document.title='owned'</script>"
        for number in range(100):
            self.api("PUT", f"/admin/tenants/t{number:03}", {**document, "display_name": name, "from_domains": [f"t{number}.example"]})
        page = self.page()
        page.goto(self.house.OPERATOR + "/dashboard/tenants")
        total = int(re.match(r"\d+", page.locator("#tenants-title").inner_text()).group())
        assert total >= 100, total
        expect(page.locator("tbody tr")).to_have_count(50)
        expect(page.get_by_text(name).first).to_be_visible()
        seen = set()
        while True:
            seen |= set(page.locator("tbody th").all_inner_texts())
            after = page.locator("nav.pages a[rel=next]")
            if after.count() == 0:
                break
            after.first.click()
            page.wait_for_load_state()
        assert len(seen) == total, f"{len(seen)} of {total} tenants are shown"
        assert "owned" not in page.title()
        found = self.house.faults(page, "/tenants?search=t0")
        assert not found, "\n".join(found)
        self.house.say(f"{total} tenants on their pages, and a name that is a script is text")
        page.context.close()

    def run(self):
        self.focus_stays()
        self.node_goes()
        self.clock_is_wrong()
        self.shares_change()
        self.many_again()
        self.session_ends()
        self.many_tenants()
