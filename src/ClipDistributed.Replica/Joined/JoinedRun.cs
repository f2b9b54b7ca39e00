using ClipDistributed.Collectives;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Reporting;
using ClipDistributed.Training.Loops;
using ClipDistributed.Training.Runs;
using static TorchSharp.torch;

namespace ClipDistributed.Replica.Joined;

/// <summary>A replica of a coordinator's run: from generation to generation with one state, until it is released.</summary>
/// <param name="device">That it computes on.</param>
/// <param name="memory">Bytes that this process may use; null: what the host gives.</param>
internal sealed class JoinedRun(JoinRequest request, Device device, long? memory)
{
    /// <returns>The exit code.</returns>
    /// <exception cref="BadInputException">Spec, data or files on this host cannot be used.</exception>
    /// <exception cref="Grpc.Core.RpcException">The coordinator refuses this replica.</exception>
    public int Run()
    {
        using var run = TrainingRun.Open(
            new RunDirectory(request.RunDirectory), device, memoryLimit: memory, host: request.Host);
        if (request.Restore)
            run.Restore(Claim(request.Generation));
        using var reach = new PeerReach(request.Address);
        using var link = CoordinatorLink.Open(request, reach.Address, run.Order, () => run.AppliedStep);
        using var progress = ProgressReporter.Start(link, () => run.AppliedStep);
        foreach (var membership in link.Memberships())
            link.Send(Train(run, membership, link, progress));
        link.Serving.GetAwaiter().GetResult();
        return ExitCodes.Done;
    }

    private WriterClaim Claim(long generation) => new(request.RunId, generation, request.Number);

    /// <summary>One generation, on this thread.</summary>
    /// <returns>How it ended here.</returns>
    private ConnectRequest Train(TrainingRun run, Membership membership, CoordinatorLink link, ProgressReporter progress)
    {
        var step = progress.Begin(membership.Number, membership.Ended);
        try
        {
            using var group = run.Connect(() => membership.Connect(request, device));
            var end = run.Train(group, membership.Terms(step, Claim(membership.Number)), Send);
            if (membership.Rank == 0 && end != LoopEnd.Regroups)
                WriteReport(Send);
            return new ConnectRequest
            {
                Ended = new Ended
                {
                    Generation = membership.Number,
                    AppliedStep = run.AppliedStep,
                    Finished = end == LoopEnd.Finished,
                },
            };
        }
        catch (Exception thrown) when (GenerationFailure.Of(thrown, membership) is { } failure)
        {
            failure.AppliedStep = run.AppliedStep;
            return new ConnectRequest { Failure = failure };
        }

        void Send(RunRecord record) =>
            link.Send(new ConnectRequest { Record = new NumberedRecord { Generation = membership.Number, Record = record } });
    }

    /// <summary>Here, because other processes may not see the run directory. A failure is a notice: the run is already saved.</summary>
    private void WriteReport(Action<RunRecord> record)
    {
        try
        {
            RunReport.Write(request.RunDirectory);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException or BadInputException)
        {
            record(NoticeRecord.Of(0, $"The report could not be written: {failed.Message}"));
        }
    }
}
