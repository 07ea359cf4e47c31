// Answers the sign-up form in place, on the page that it was pasted into. Without
// this script the form works too: it leads to a page of the list's own site.
(function () {
  "use strict";
  var script = document.currentScript;
  var target = new URL("subscribe", script.src).href;

  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (!form.matches("form[data-digest]") || form.action !== target) return;
    event.preventDefault();
    send(form, false);
  });

  function send(form, asTyped) {
    var data = new URLSearchParams(new FormData(form));
    data.set("ask", "1");
    data.set("source", location.origin + location.pathname);
    if (asTyped) data.set("as_typed", "1");
    busy(form, true);
    fetch(target, { method: "POST", body: data, headers: { Accept: "application/json" }, credentials: "omit", referrerPolicy: "no-referrer" })
      .then(function (answer) {
        if (answer.status !== 202 && answer.status !== 422) throw answer.status;
        return answer.json().then(function (says) { show(form, answer.status, says); });
      })
      .catch(function () { form.submit(); }); // the page that it leads to says what is wrong
  }

  function show(form, status, says) {
    var email = form.elements.email;
    busy(form, false);
    email.removeAttribute("aria-invalid");
    if (status === 202) {
      say(form, says.message);
      form.reset();
    } else if (says.meant) {
      say(form, "Did you mean " + says.meant + "? ",
        choice("Yes", function () { email.value = says.meant; send(form, true); }),
        choice("No, it is right as typed", function () { send(form, true); })).querySelector("button").focus();
    } else {
      email.setAttribute("aria-invalid", "true");
      say(form, says.error);
      email.focus();
    }
  }

  function say(form) {
    var box = form.querySelector("[role=status]");
    if (!box) {
      box = form.appendChild(document.createElement("p"));
      box.setAttribute("role", "status");
    }
    box.replaceChildren.apply(box, [].slice.call(arguments, 1));
    return box;
  }

  function choice(text, act) {
    var button = document.createElement("button");
    button.type = "button";
    button.textContent = text;
    button.addEventListener("click", act);
    return button;
  }

  function busy(form, is) {
    form.querySelectorAll("button").forEach(function (b) { b.disabled = is; });
  }
})();
