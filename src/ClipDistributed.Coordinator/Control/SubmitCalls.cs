using System.Security.Cryptography;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Coordinator.Checkpoints;
using ClipDistributed.Coordinator.Links;
using ClipDistributed.Coordinator.Runs;
using Google.Protobuf;
using Microsoft.Extensions.Hosting;

namespace ClipDistributed.Coordinator.Control;

/// <summary>Jobs as clients submit them: by a spec of their own, or by another run's.</summary>
internal sealed class SubmitCalls(RepeatableSubmission submission, JobForks forks, IHostApplicationLifetime lifetime)
{
    /// <param name="owner">Of the job.</param>
    /// <exception cref="BadInputException">Spec, data, run directory or id cannot be used.</exception>
    /// <exception cref="RequestRefusedException">There is no such run or checkpoint, or the id has another job.</exception>
    public async Task<SubmitJobResponse> SubmitAsync(SubmitJobRequest request, string owner, CancellationToken cancel)
    {
        RequestId.Check(request.RequestId);
        ForkedSpec? fork = null;
        bool mayHaveBegun = true;
        try
        {
            if (request.ValidateOnly)
                return SubmitMessages.Of(await submission.ValidateAsync(await SpecAsync(), request.Resume, owner, cancel));
            var identified = new IdentifiedRequest(request.RequestId, DigestOf(request), owner);
            return SubmitMessages.Of(await submission.SubmitAsync(identified, SpecAsync, request.Resume, cancel));
        }
        catch (Exception refused) when (HasNoRun(refused))
        {
            mayHaveBegun = false;
            if (refused is BadInputException wrong)
                throw wrong.Within("spec");
            throw;
        }
        finally
        {
            if (fork is not null)
                await fork.SettleAsync(mayHaveBegun);
        }

        // A coordinator that stops may leave a run in the store, which the next one begins.
        bool HasNoRun(Exception refused) => refused is BadInputException or RequestRefusedException or IOException
            or UnauthorizedAccessException
            || refused is OperationCanceledException && !lifetime.ApplicationStopping.IsCancellationRequested;

        async Task<TrainingSpec> SpecAsync()
        {
            var spec = request.Spec ?? new TrainingSpec();
            if (request.From is not { } from)
                return spec;
            fork = await forks.SpecOfAsync(from, spec, pins: !request.ValidateOnly, cancel);
            return fork.Spec;
        }
    }

    /// <summary>Of what the client asks, not of what becomes of it: another run's newest checkpoint is soon another one.</summary>
    private static byte[] DigestOf(SubmitJobRequest request)
    {
        var asked = request.Clone();
        asked.RequestId = "";
        return SHA256.HashData(asked.ToByteArray());
    }
}
