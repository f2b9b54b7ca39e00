namespace ClipDistributed.Coordinator.Hosts;

/// <summary>How many devices the runs of one owner may use together. Used under its pool's lock.</summary>
/// <param name="quota">Null: as many as there are.</param>
internal sealed class OwnerQuotas(int? quota)
{
    private readonly Dictionary<string, string> owners = new(StringComparer.Ordinal); // by the ids of runs that have not ended

    public void Enter(RunNeed need) => owners[need.RunId] = need.Owner;

    public void Forget(string runId) => owners.Remove(runId);

    /// <summary>Devices that a run's owner may use besides those that it does; below 0 where the quota was lowered.</summary>
    /// <param name="users">The run of each device that is taken.</param>
    /// <param name="isLeaving">Runs that give theirs back before they get others.</param>
    public Func<RunNeed, int> Left(IEnumerable<string> users, Func<string, bool> isLeaving)
    {
        if (quota is null)
            return _ => int.MaxValue;
        var byRun = users.CountBy(run => run).ToDictionary(StringComparer.Ordinal);
        var used = byRun.GroupBy(run => owners.GetValueOrDefault(run.Key, ""), run => run.Value)
            .ToDictionary(own => own.Key, own => own.Sum(), StringComparer.Ordinal);
        return need => need.Owner == "" ? int.MaxValue : quota.Value - used.GetValueOrDefault(need.Owner)
            + (isLeaving(need.RunId) ? byRun.GetValueOrDefault(need.RunId) : 0);
    }
}
