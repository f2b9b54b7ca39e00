namespace ClipDistributed.Cli.Coordinators;

/// <summary>Who runs this command, for the events of a run that has no coordinator.</summary>
internal static class Requester
{
    /// <summary>As in <c>ann@workstation</c>.</summary>
    public static string Name => $"{Environment.UserName}@{Environment.MachineName}";
}
