/* The form of /docs: sends what stands there to /predict, and shows the answer with the time it took. */
"use strict";

const form = document.getElementById("form");
const request = document.getElementById("request");
const token = document.getElementById("token");
const button = form.querySelector("button");
const state = document.getElementById("status");
const answer = document.getElementById("answer");

function show(message, failed, text) {
    state.textContent = message;
    state.className = failed ? "failed" : "ready";
    answer.hidden = text === "";
    answer.firstElementChild.textContent = text; /* as it came: JavaScript's numbers would change digits */
}

async function send(event) {
    event.preventDefault();
    const headers = {"Content-Type": "application/json"};
    if (token && token.value) {
        headers.Authorization = "Bearer " + token.value;
    }
    button.disabled = true;
    const began = performance.now();
    try {
        const reply = await fetch("predict", {method: "POST", headers: headers, body: request.value});
        const text = await reply.text();
        const time = (performance.now() - began).toFixed(1);
        const version = reply.headers.get("X-Notebooked-Version");
        show("Status " + reply.status + (version ? ", version " + version : "") + ", " + time + " ms", !reply.ok, text);
    } catch (error) {
        show("No answer: " + error.message, true, "");
    } finally {
        button.disabled = false;
    }
}

form.addEventListener("submit", send);
