// gadgets.io.makeRequest: every request goes through /gadgets/makeRequest (Finesse notes 4.1).
(function (window) {
  "use strict";

  var gadgets = window.gadgets;
  var UNPARSEABLE = "throw 1; < don't be evil' >";

  function encoded(pairs) {
    return Object.keys(pairs).map(function (name) {
      return encodeURIComponent(name) + "=" + encodeURIComponent(pairs[name]);
    }).join("&");
  }

  function answered(url, request, params) {
    var body = request.responseText;
    var told = null;
    if (request.status === 200 && body.indexOf(UNPARSEABLE) === 0) {
      told = gadgets.json.parse(body.slice(UNPARSEABLE.length))[url];
    }
    if (!told) {
      return { rc: request.status, text: body, data: null, headers: {}, errors: [request.status + " Error"] };
    }
    var errors = told.rc < 200 || told.rc >= 400 ? [told.rc + " Error"] : [];
    var data = told.body;
    if (!errors.length && params.CONTENT_TYPE === gadgets.io.ContentType.JSON) {
      data = gadgets.json.parse(told.body);
      if (data === false) { errors.push("500 Failed to parse JSON"); }
    }
    return { rc: told.rc, text: told.body, data: data, headers: told.headers || {}, errors: errors };
  }

  gadgets.io = {
    RequestParameters: {
      METHOD: "METHOD", CONTENT_TYPE: "CONTENT_TYPE", POST_DATA: "POST_DATA", HEADERS: "HEADERS",
      AUTHORIZATION: "AUTHORIZATION", REFRESH_INTERVAL: "REFRESH_INTERVAL", GET_FULL_HEADERS: "GET_FULL_HEADERS"
    },
    MethodType: { GET: "GET", POST: "POST", PUT: "PUT", DELETE: "DELETE", HEAD: "HEAD" },
    ContentType: { TEXT: "TEXT", DOM: "DOM", JSON: "JSON", FEED: "FEED" },
    AuthorizationType: { NONE: "NONE", SIGNED: "SIGNED", OAUTH: "OAUTH" },
    encodeValues: encoded,
    makeRequest: function (url, callback, given) {
      var params = given || {};
      var request = new window.XMLHttpRequest();
      request.open("POST", "/gadgets/makeRequest", true);
      request.setRequestHeader("Content-Type", "application/x-www-form-urlencoded");
      request.onloadend = function () { callback(answered(url, request, params)); };
      request.send(encoded({
        url: url,
        httpMethod: params.METHOD || "GET",
        headers: encoded(params.HEADERS || {}),
        postData: params.POST_DATA || "",
        authz: "",
        st: "",
        contentType: params.CONTENT_TYPE || "TEXT",
        gadget: gadgets.util.getUrlParameters().url || "",
        container: "default",
        bypassSpecCache: "",
        getFullHeaders: params.GET_FULL_HEADERS || "false",
        refresh: params.REFRESH_INTERVAL || 0
      }));
    }
  };
}(window));
