"""The endpoint's pages: in a browser with their form, without JavaScript, and by the rules for accessible pages; and their headers."""

import json
import os
import shutil
import unittest

import client_python

client_python.run_here()

from html.parser import HTMLParser

from model_front import ModelFrontTest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

BROWSER, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
HTML = {"Accept": "text/html,application/xhtml+xml"}


class Addresses(HTMLParser):
    """What a page loads or leads to, and whether it has code or style in itself."""

    def __init__(self, text):
        super().__init__()
        self.found, self.inline = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        named = dict(attrs)
        self.found += [named[key] for key in ("src", "href", "action") if named.get(key)]
        self.inline += [key for key in named if key.startswith("on") or key == "style"]
        if tag == "style" or (tag == "script" and "src" not in named):
            self.inline.append(tag)


class PageTest(ModelFrontTest):
    def test_pages_load_nothing_from_elsewhere(self):
        for path in ("/", "/docs"):
            answer, body = self.ask("GET", path, headers=HTML)
            self.assertEqual((answer.status, answer.headers["Content-Type"]), (200, "text/html; charset=utf-8"))
            self.assertTrue(answer.headers["Content-Security-Policy"].startswith("default-src 'none'; "))
            self.assertNotIn("unsafe", answer.headers["Content-Security-Policy"])
            self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")
            page = Addresses(body.decode())
            self.assertEqual(page.inline, [])
            for address in page.found:
                if address.startswith(("#", "data:image/svg+xml,")):
                    continue
                self.assertNotIn(":", address)
                self.assertEqual(self.ask("GET", "/" + address.lstrip("./"))[0].status, 200, address)
            self.assertEqual(self.ask("HEAD", path, headers=HTML)[1], b"")

    def test_the_first_page_is_for_programs_too(self):
        answer, body = self.ask("GET", "/")
        document = json.loads(body)
        self.assertEqual((document["name"], document["ready"]), ("iris", True))
        self.assertEqual([(v["version"], v["weight"], v["state"]) for v in document["versions"]], [(1, 100, "ready"), (2, 0, "ready")])
        answer, _ = self.ask("POST", "/")
        self.assertEqual((answer.status, answer.headers["Allow"]), (405, "GET, HEAD"))


class TokenTest(ModelFrontTest):
    """Rows of the training data stand in the pages: they are for who has the token."""

    token, versions = "a-token-of-32-letters-or-so-it-is", (1,)

    def test_pages_want_it(self):
        for path in ("/", "/docs", "/openapi.json", "/swagger.json", "/v2/models/iris"):
            self.assertEqual(self.ask("GET", path, headers={"Authorization": "", **HTML})[0].status, 401, path)
            self.assertEqual(self.ask("GET", path, headers=HTML)[0].status, 200, path)
        self.assertEqual(self.ask("GET", "/v2/health/ready", headers={"Authorization": ""})[0].status, 200)

    def test_they_say_how(self):
        _, body = self.ask("GET", "/docs")
        self.assertIn(b'-H &quot;Authorization: Bearer $TOKEN&quot; ', body)
        self.assertIn(b'<input id="token" type="password"', body)
        self.assertNotIn(self.token.encode(), body)
        _, body = self.ask("GET", "/openapi.json")
        document = json.loads(body)
        self.assertEqual(document["security"], [{"bearer": []}, {"key": []}])
        self.assertEqual(sorted(document["components"]["securitySchemes"]), ["bearer", "key"])


class TextsOfTheUser(ModelFrontTest):
    """What comes from a model is text, whatever it looks like."""

    details = {"framework": "<b>", "input": {"feature_names": ["<script>alert(1)</script>", "a'b\"&"]}}
    example = {"instances": [["</textarea><img src=x onerror=alert(1)>", "it's"]]}
    model = '''
import json

def model_fn(model_dir):
    return 1

def input_fn(body, content_type):
    return json.loads(body)["instances"]

def predict_fn(data, model):
    return ["</code><script>alert(2)</script>" for row in data]

def output_fn(prediction, accept):
    return json.dumps({"predictions": prediction}), "application/json"
'''
    versions = (1,)

    def test_it_is_text_in_pages(self):
        for path in ("/", "/docs"):
            _, body = self.ask("GET", path, headers=HTML)
            page = Addresses(body.decode())
            self.assertEqual(page.inline, [])
            self.assertNotIn(b"<script>", body)
            self.assertNotIn(b"<img", body)
            self.assertNotIn(b"<b>", body)
        self.assertIn(b"&lt;script&gt;alert(1)&lt;/script&gt;", body)
        self.assertIn(b"it'\\''s", body)


@unittest.skipUnless(BROWSER and DRIVER, "chromium is not installed")
class BrowserTest(ModelFrontTest):
    def browser(self, *switches, script=True):
        options = webdriver.ChromeOptions()
        options.binary_location = BROWSER
        for switch in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", *switches):
            options.add_argument(switch)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        if not script:
            options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
        service = webdriver.ChromeService(DRIVER, env={**os.environ, "HOME": str(self.root)})
        driver = webdriver.Chrome(options=options, service=service)
        self.addCleanup(driver.quit)
        return driver

    def requests(self, driver):
        """Return the addresses that the page asked for."""
        messages = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
        return [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]

    def check_rules(self, driver):
        """Find no violation of the rules for accessible pages."""
        script = client_python.axe_script()
        if script is None:
            return
        driver.execute_script(script)
        found = driver.execute_async_script("axe.run().then(arguments[0]);")
        told = [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found["violations"]]
        self.assertEqual(told, [])

    def test_the_form_gets_a_prediction(self):
        driver = self.browser()
        driver.get(self.url + "/docs")
        driver.find_element(By.CSS_SELECTOR, "#form button").click()
        answer = driver.find_element(By.ID, "answer")
        WebDriverWait(driver, 20).until(lambda _: answer.is_displayed())
        self.assertEqual(json.loads(answer.text), {"predictions": [10.2, 14.7]})
        self.assertRegex(driver.find_element(By.ID, "status").text, r"^Status 200, version 1, [\d.]+ ms$")
        request = driver.find_element(By.ID, "request")
        request.clear()
        request.send_keys('{"instances": 3}')
        driver.find_element(By.CSS_SELECTOR, "#form button").click()
        WebDriverWait(driver, 20).until(lambda _: "rows must be an array" in answer.text)
        self.assertTrue(driver.find_element(By.ID, "status").text.startswith("Status 400"))
        self.check_rules(driver)
        self.assertEqual([url for url in self.requests(driver) if not url.startswith((self.url + "/", "data:"))], [])
        errors = [entry["message"] for entry in driver.get_log("browser") if "400 (Bad Request)" not in entry["message"]]
        self.assertEqual(errors, [])

    def test_pages_are_accessible_in_light_and_dark(self):
        for switches in ((), ("--force-dark-mode", "--blink-settings=preferredColorScheme=0")):
            driver = self.browser(*switches)
            for path in ("/", "/docs"):
                driver.get(self.url + path)
                self.assertTrue(driver.find_element(By.TAG_NAME, "h1").text.startswith("iris"))
                self.check_rules(driver)
                self.assertEqual(driver.get_log("browser"), [])

    def test_it_reads_without_javascript(self):
        driver = self.browser(script=False)
        driver.get(self.url + "/docs")
        text = driver.find_element(By.TAG_NAME, "main").text
        for wanted in ("POST /predict", "/v2/models/iris/infer", "FP64", "This form needs JavaScript", "v1"):
            self.assertIn(wanted, text)


if __name__ == "__main__":
    unittest.main()
