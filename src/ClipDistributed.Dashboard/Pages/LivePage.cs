using ClipDistributed.Dashboard.Parts;

namespace ClipDistributed.Dashboard.Pages;

/// <summary>A page that reads while it is open.</summary>
public abstract class LivePage : LivePart;
