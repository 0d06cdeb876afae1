"""The pictures of the README: an account at work, light and dark and on a phone, and the story of a tenant's message. dashboard.py
makes them when it is given a folder for them.
"""

import math
import pathlib
import threading
import time

from playwright.sync_api import expect

SECONDS = 100  # what the charts show, and a little


def work(house, end):
    """Austria comes and goes in waves; the United Kingdom asks for more than it is promised, and borrows."""
    message = {"from": "APA <news@apa.example>", "to": ["success@simulator.amazonses.com"], "subject": "Evening news", "text": "Good evening."}
    second = 0
    while not end.wait(1):
        waves = {"AT": 17 + 11 * math.sin(second / 9), "UK": 18 if second % 45 < 28 else 5, "DE": 9 if second % 80 >= 55 else 0}
        second += 1
        messages = [{**message, "region": region} for region, count in waves.items() for _ in range(round(count))]
        house.api("POST", house.PUBLIC + "/send/batch", {"messages": messages}, house.KEYS["apa"])


def story(house):
    """A message that bounced, and whose webhook was told."""
    key, server = house.KEYS["apa"], house.prepare_webhook()
    webhook = house.api("POST", house.PUBLIC + "/webhooks", {
        "url": f"http://127.0.0.1:{server.server_port}/hooks/mail", "events": ["email.delivered", "email.bounced"]}, key)
    message = house.api("POST", house.PUBLIC + "/send", {
        "from": "APA <shop@apa.example>", "to": ["bounce+eva@simulator.amazonses.com"],
        "subject": "Your order 1042 is on its way", "text": "Thank you.", "html": "<p>Thank you.</p>", "region": "AT",
        "tags": {"campaign": "orders"}, "metadata": {"order": "1042"}}, key)["id"]
    log = f"{house.PUBLIC}/webhooks/{webhook['id']}/deliveries?limit=10"
    house.until("the webhook was told", lambda: any(
        one["status"] == "delivered" for one in house.api("GET", log, key=key)["data"]))
    return message, server


def take(house, browser, folder):
    end = threading.Event()
    worker = threading.Thread(target=work, args=(house, end), daemon=True)
    message, server = story(house)
    worker.start()
    began = time.monotonic()
    for name, size, scheme, scale in [("light", (1280, 1110), "light", 1), ("dark", (1280, 1110), "dark", 1), ("phone", (390, 844), "light", 2)]:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, device_scale_factor=scale, reduced_motion="reduce")
        page = context.new_page()
        page.goto(house.OPERATOR + "/dashboard/accounts/main")
        page.get_by_label("An admin's key").fill(house.KEYS["admin"])
        page.get_by_role("button", name="Sign in").click()
        expect(page.locator("#promised")).to_contain_text("promised")
        page.wait_for_timeout(max(2, SECONDS - (time.monotonic() - began)) * 1000)
        page.screenshot(path=str(pathlib.Path(folder) / f"readme-account-{name}.png"))
        context.close()
    end.set()
    context = browser.new_context(viewport={"width": 1280, "height": 640}, color_scheme="light", reduced_motion="reduce")
    page = context.new_page()
    page.goto(f"{house.PUBLIC}/dashboard/messages/{message}")
    page.fill("#key", house.KEYS["apa"])
    page.click("button")
    expect(page.locator(".timeline")).to_contain_text("Bounced")
    page.screenshot(path=str(pathlib.Path(folder) / "readme-message.png"))
    context.close()
    server.shutdown()
    worker.join()
    house.say("took the pictures of the README")
