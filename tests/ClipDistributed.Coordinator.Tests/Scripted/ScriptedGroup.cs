namespace ClipDistributed.Coordinator.Tests.Scripted;

/// <summary>What the members of one generation do together.</summary>
internal static class ScriptedGroup
{
    /// <summary>What the others say when a member of their group is gone.</summary>
    public const string Closed = "all-reduce failed: connection closed by peer";

    /// <summary>All of them join the generation of that number.</summary>
    public static async Task GenerationAsync(long number, params ScriptedReplica[] members)
    {
        foreach (var member in members)
            Assert.Equal(number, (await member.GenerationAsync()).Generation);
    }

    /// <summary>All of them have done the last step, and leave.</summary>
    public static async Task FinishAsync(long steps, params ScriptedReplica[] members)
    {
        foreach (var member in members)
            await member.EndedAsync(steps, finished: true);
        foreach (var member in members)
        {
            await member.LeaveAsync();
            await member.ExitAsync(0);
        }
    }
}
