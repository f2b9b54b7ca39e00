using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.Runs;
using ClipDistributed.Data.Blocks;
using ClipDistributed.Data.Preparation;

namespace ClipDistributed.Coordinator.Control;

/// <summary>Submitted and validated jobs as clients see them.</summary>
internal static class SubmitMessages
{
    public static SubmitJobResponse Of(SubmittedJob job) => new() { JobId = job.JobId, RunId = job.RunId, Notices = { job.Notices } };

    public static SubmitJobResponse Of(ValidatedJob job)
    {
        var (spec, manifest, plan) = job.Run;
        var order = RunPlan.Order(spec, manifest);
        return new SubmitJobResponse
        {
            Notices = { job.Notices },
            Validation = new JobValidation
            {
                Spec = spec,
                Rows = plan.Rows,
                Steps = plan.Steps,
                ReadBytes = ReadMemory.Needed(manifest, order),
                Streams = order.Streams,
                StreamBytes = ReadMemory.BytesPerShuffleBlock(manifest, order.ShuffleBlock),
                Starts = job.Placement is Placement.Start,
                Placement = job.Placement is Placement.Start start ? Describe(start) : job.Placement.Reason,
            },
        };
    }

    /// <summary>As in <c>2 devices of kind cpu, of host a</c>.</summary>
    private static string Describe(Placement.Start start)
    {
        string[] hosts = [.. start.Devices.Select(device => device.Host).Distinct()];
        return $"{Counted.Plain(start.Devices.Count, "device")} of kind {DeviceId.NameOf(start.Devices[0].Kind)}, "
            + $"of {(hosts.Length == 1 ? "host" : "hosts")} {string.Join(", ", hosts)}";
    }
}
