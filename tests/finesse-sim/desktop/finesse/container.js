// ContainerServices: what the desktop tells gadgets of itself (Finesse notes 3.2, 4.1).
(function (finesse) {
  "use strict";

  var handlers = {};
  var subscribed = {};

  function myTab() {
    var frame = window.frameElement;
    var panel = frame && frame.closest("div.tab-panel");
    return panel ? panel.id.replace(/^panel_/, "") : undefined;
  }

  var services = finesse.containerservices.ContainerServices = {
    Topics: {
      ACTIVE_TAB: "finesse.containerservices.activeTab",
      WORKFLOW_ACTION_EVENT: "finesse.containerservices.workflowActionEvent",
      TIMER_TICK_EVENT: "finesse.containerservices.timerTickEvent",
      RELOAD_GADGET_EVENT: "finesse.containerservices.reloadGadget",
      GADGET_VIEW_CHANGED_EVENT: "finesse.containerservices.gadgetViewChangedEvent",
      MAX_AVAILABLE_HEIGHT_CHANGED_EVENT: "finesse.containerservices.maxAvailableHeightChangedEvent"
    },
    init: function () { services.hub = window.gadgets.Hub; return services; },
    addHandler: function (topic, handler) {
      handlers[topic] = (handlers[topic] || []).concat([handler]);
      if (subscribed[topic]) { return; }
      subscribed[topic] = services.hub.subscribe(topic, function (heard, data) {
        handlers[topic].slice().forEach(function (one) { finesse.call(one, data); });
      });
    },
    removeHandler: function (topic, handler) {
      handlers[topic] = (handlers[topic] || []).filter(function (one) { return one !== handler; });
    },
    makeActiveTabReq: function () { services.ask({ type: "ActiveTabReq", data: {} }); },
    activateMyTab: function () { services.ask({ type: "SetActiveTabReq", data: { id: myTab() } }); },
    activateTab: function (id) { services.ask({ type: "SetActiveTabReq", data: { id: id } }); },
    reloadGadget: function (id) { services.ask({ type: "ReloadGadgetReq", data: { gadgetId: id } }); },
    reloadMyGadget: function () { services.reloadGadget(window.gadgets.sim.start().mid); },
    getMyGadgetId: function () { return window.gadgets.sim.start().mid; },
    getMyTabId: myTab,
    ask: function (request) { services.hub.publish("finesse.containerservices.requests", request); }
  };
}(finesse));
