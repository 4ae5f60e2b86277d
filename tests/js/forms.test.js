import assert from "node:assert/strict";
import { test } from "node:test";
import { differs } from "../../static/js/forms.js";

test("the same number written otherwise is no change", () => {
  for (const [value, standard] of [["1e-3", "0.001"], ["300.0", "300"], [" 5 ", "5"], ["", ""], ["neg", "neg"]]) {
    assert.equal(differs(value, standard), false, `${value} and ${standard}`);
  }
});

test("another number, another word and an emptied field are changes", () => {
  for (const [value, standard] of [["301", "300"], ["pos", "neg"], ["", "0"], ["0", ""], ["true", "false"]]) {
    assert.equal(differs(value, standard), true, `${value} and ${standard}`);
  }
});
