namespace ClipDistributed.Coordinator.Members;

/// <summary>
/// Counts a run's replicas by state. There may be a thousand of them, and all rules are asked at each event: most see by this that they
/// have nothing to do.
/// </summary>
/// <param name="Lost">The run counts on them no longer.</param>
/// <param name="Draining">The run counts on them; their hosts are drained.</param>
/// <param name="Staying">The run counts on them; their hosts are not drained.</param>
/// <param name="Ready">Staying ones that are linked.</param>
/// <param name="Unlinked">The run counts on them, and they are not linked.</param>
/// <param name="Reported">They have reported how their generation ended for them.</param>
/// <param name="Exited">Their processes have ended.</param>
internal readonly record struct Census(int Lost, int Draining, int Staying, int Ready, int Unlinked, int Reported, int Exited)
{
    public static Census Of(List<Replica> replicas)
    {
        int lost = 0, draining = 0, staying = 0, ready = 0, unlinked = 0, reported = 0, exited = 0;
        foreach (var replica in replicas)
        {
            bool isLinked = replica.IsLinked;
            switch (replica.Standing)
            {
                case Standing.Live:
                    staying++;
                    ready += isLinked ? 1 : 0;
                    unlinked += isLinked ? 0 : 1;
                    break;
                case Standing.Draining:
                    draining++;
                    unlinked += isLinked ? 0 : 1;
                    break;
                default:
                    lost++;
                    break;
            }
            reported += replica.HasReported ? 1 : 0;
            exited += replica.Process is ProcessState.Exited ? 1 : 0;
        }
        return new Census(lost, draining, staying, ready, unlinked, reported, exited);
    }
}
