using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Coordinator.Store.Rows;

namespace ClipDistributed.Coordinator.Tests.Store;

/// <summary>Rows of one run, to be stored.</summary>
internal static class SampleRows
{
    public static JobRow Job() =>
        new()
        {
            JobId = "demo",
            Name = "demo",
            RunDirectory = "/none",
            Submitted = DateTime.UnixEpoch,
            Spec = [],
        };

    public static RunRow Run() => new() { RunId = "demo-1", JobId = "demo", Name = "demo", Number = 1, RunDirectory = "/none", Step = 3 };

    public static RunNews News()
    {
        var news = new RunNews();
        news.Records.Add(
            new RecordRow
            {
                RunId = "demo-1",
                Sequence = 1,
                Time = DateTime.UnixEpoch,
                Record = [1],
            }
        );
        news.Launched.Add(
            new ReplicaRow
            {
                RunId = "demo-1",
                ReplicaId = "demo-1-r1",
                Host = "a",
                Kind = DeviceKind.Cpu,
                DeviceIndex = 0,
                Restores = true,
                Launched = DateTime.UnixEpoch,
            }
        );
        news.Opened.Add(
            new IncidentRow
            {
                RunId = "demo-1",
                Number = 1,
                Kind = IncidentKind.ReplicaLost,
                Generation = 1,
                Opened = DateTime.UnixEpoch,
                Since = DateTime.UnixEpoch,
                UsefulSeconds = 0.5,
                Evidence = "r1 died",
            }
        );
        return news;
    }
}
