using System.Security.Cryptography;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Coordinator.Access;
using ClipDistributed.Coordinator.Checkpoints;
using ClipDistributed.Coordinator.Links;
using ClipDistributed.Coordinator.Runs;
using ClipDistributed.Coordinator.Settings;
using Google.Protobuf;
using Microsoft.Extensions.Hosting;

namespace ClipDistributed.Coordinator.Control;

/// <summary>Jobs as clients submit them: by a spec of their own, or by another run's.</summary>
internal sealed class SubmitCalls(
    RepeatableSubmission submission, JobForks forks, CoordinatorOptions options, IHostApplicationLifetime lifetime)
{
    /// <param name="caller">Who will own the job.</param>
    /// <exception cref="BadInputException">Spec, data, run directory or id cannot be used.</exception>
    /// <exception cref="RequestRefusedException">There is no such run or checkpoint, or the id has another job.</exception>
    public async Task<SubmitJobResponse> SubmitAsync(SubmitJobRequest request, Principal caller, CancellationToken cancel)
    {
        string owner = caller.Owner;
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
            if (request.From is { } from)
            {
                fork = await forks.SpecOfAsync(from, spec, pins: !request.ValidateOnly, cancel);
                spec = fork.Spec;
            }
            CheckPriority(spec, caller);
            return spec;
        }
    }

    /// <summary>Runs of the highest priority come before all others, for as long as there are any.</summary>
    private void CheckPriority(TrainingSpec spec, Principal caller)
    {
        uint priority = spec.Replicas is { HasPriority: true } replicas ? replicas.Priority : SpecDefaults.Priority;
        if (caller.Role != Role.Admin && priority > options.MaxPriority)
            throw new BadInputException([new InputError("replicas.priority", $"replicas.priority is {priority}; jobs of an operator may "
                + $"have at most {options.MaxPriority} here (--max-priority of clipd coordinator): lower it, or ask an admin.")]);
    }

    /// <summary>Of what the client asks, not of what becomes of it: another run's newest checkpoint is soon another one.</summary>
    private static byte[] DigestOf(SubmitJobRequest request)
    {
        var asked = request.Clone();
        asked.RequestId = "";
        return SHA256.HashData(asked.ToByteArray());
    }
}
