using System.CommandLine;
using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd submit</c>, which is also <c>clipd job submit</c></summary>
internal static class SubmitCommand
{
    public static Command Create()
    {
        var spec = CommonOptions.Spec();
        spec.Arity = ArgumentArity.ZeroOrOne; // with --from
        var from = ForkOption.Create();
        var set = CommonOptions.Set();
        var resume = new Option<bool>("--resume")
        {
            Description = "Goes on with the run that the run directory holds, from its newest checkpoint.",
        };
        var watch = new Option<bool>("--watch")
        {
            Description = "Shows the run as it goes until it ends; Ctrl-C stops watching, not the run.",
        };
        var validateOnly = new Option<bool>("--validate-only")
        {
            Description = "The coordinator checks spec, data and run directory and says whether devices are free; no run begins.",
        };
        var requestId = new Option<string?>("--request-id")
        {
            Description = "An id for this submission: the same command with the same id begins no other run. [default: a new one]",
            HelpName = "id",
        };
        var output = CommonOptions.Output("text", "the coordinator's answer, as soon as it has taken the job");
        var coordinator = CommonOptions.Coordinator();
        var command = new Command("submit", "Gives a job to a coordinator, which runs it on its hosts. Paths must mean the same on all "
            + "of them.") { spec, set, from, resume, watch, validateOnly, requestId, output, coordinator };
        command.Validators.Add(result =>
        {
            if (result.GetResult(spec) is not { Tokens.Count: > 0 } && result.GetResult(from) is null)
                result.AddError("spec is missing; name a spec file, or a run with --from.");
            if (result.GetResult(from) is not null && result.GetValue(resume))
                result.AddError("--from begins a new run and --resume goes on with one; leave one of them out.");
            if (result.GetValue(validateOnly) && result.GetValue(watch))
                result.AddError("--validate-only begins no run that --watch could show; leave one of them out.");
            if (result.GetValue(watch) && result.GetValue(output) == CommonOptions.Json)
                result.AddError("-o json prints one document and --watch what happens; leave one of them out.");
        });
        command.SetAction(async (result, cancel) =>
        {
            var source = result.GetValue(from);
            var given = source is null
                ? CommonOptions.ReadForHosts(result, spec, set, result.GetValue(resume))
                : ForkOption.ReadChanges(result.GetValue(spec), result.GetValue(set) ?? []);
            using var client = coordinator.Connect(result);
            client.AwaitLong(); // shards are described first, and a vocabulary may be trained
            var request = new SubmitJobRequest
            {
                Spec = given,
                Resume = result.GetValue(resume),
                ValidateOnly = result.GetValue(validateOnly),
                RequestId = result.GetValue(requestId) ?? $"{Guid.NewGuid()}",
                From = source,
            };
            var submitted = await client.AskAsync(control => control.SubmitJobAsync(request), cancel);
            if (CommonOptions.IsJson(result, output))
            {
                JsonOutput.Write(JsonOutput.Of(submitted));
                return ExitCodes.Done;
            }
            foreach (string notice in submitted.Notices)
                Console.WriteLine(notice);
            if (submitted.Validation is { } validation)
            {
                Write(validation);
                return ExitCodes.Done;
            }
            Console.WriteLine($"submitted {(source is null ? given.Name : $"a fork of {source.RunId}")} as run {submitted.RunId}");
            if (result.GetValue(watch))
                return await RunWatchCommand.WatchAsync(client, submitted.RunId);
            Console.WriteLine(RunStates.Describe(await DecidedAsync(client, submitted.RunId, cancel)));
            Console.WriteLine($"watch it: clipd run watch {submitted.RunId}");
            return 0;
        });
        return command;
    }

    private static void Write(JobValidation validation)
    {
        Console.WriteLine(
            $"{validation.Spec.Name} can be submitted: {Counted.Of(validation.Rows, "pair")}, {Counted.Of(validation.Steps, "step")} of "
                + $"{validation.Spec.Batch.Global:N0}");
        Console.WriteLine(
            $"reading takes up to {Quantities.Bytes(validation.ReadBytes)} of memory in each replica; limits.read_ahead_bytes allows "
                + $"{Quantities.Bytes((long)validation.Spec.Limits.ReadAheadBytes)}");
        Console.WriteLine(validation.Starts ? $"it would start on {validation.Placement}" : $"it would wait: {validation.Placement}");
    }

    /// <summary>The first state that says whether the run starts, or what it waits for.</summary>
    private static async Task<Run> DecidedAsync(CoordinatorClient client, string runId, CancellationToken cancel)
    {
        await foreach (var news in client.WatchAsync(runId, cancel))
        {
            if (news.Run is { } run && (run.State != RunState.Pending || run.Reason != ""))
                return run;
        }
        throw new CoordinatorException(
            $"the coordinator ended before it began {runId}; clipd run list shows whether it took the job",
            ExitCodes.Unavailable
        );
    }
}
