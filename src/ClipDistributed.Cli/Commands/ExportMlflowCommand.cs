using System.CommandLine;
using System.Text.Json.Nodes;
using ClipDistributed.Cli.Exports;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Cli.Terminals;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd export mlflow</c></summary>
internal static class ExportMlflowCommand
{
    private const string ExperimentVariable = "MLFLOW_EXPERIMENT_NAME", DefaultExperiment = "clipd";

    public static Command Create()
    {
        var run = new Argument<string>("run") { Description = "A run's id, or its directory; a directory needs no coordinator." }.AsPath();
        var url = new Option<string?>(MlflowServer.Option)
        {
            Description = $"Address of the MLflow server. [default: the variable {MlflowServer.Variable}]",
            HelpName = "address",
        };
        var experiment = new Option<string?>("--experiment")
        {
            Description = $"Where the run is listed there; made where it is new. [default: the variable {ExperimentVariable}, else "
                + $"{DefaultExperiment}]",
            HelpName = "name",
        };
        var every = new Option<int>("--every")
        {
            Description = "Only steps that are multiples of this; evaluations are always sent.",
            DefaultValueFactory = _ => 1,
            HelpName = "steps",
        };
        every.Validators.Add(result =>
        {
            if (result.Tokens is [_] && !UnreadValue.IsIn(result) && result.GetValueOrDefault<int>() < 1)
                result.AddError("--every is less than 1; give a number of steps.");
        });
        var token = new Option<string?>(MlflowServer.TokenOption)
        {
            Description = "A file that holds an access token of the server. "
                + $"[default: the variable {MlflowServer.TokenVariable}, else none]",
            HelpName = "file",
        }.AsOptionalPath();
        var output = CommonOptions.Output("text");
        var coordinator = CommonOptions.Coordinator();
        var command = new Command("mlflow", "Sends the metrics of a run to an MLflow server. Run it again to send what is new since.")
        {
            run, url, experiment, every, token, output, coordinator,
        };
        command.SetAction(async (result, cancel) =>
        {
            string? secret = Token(result.GetValue(token)) ?? Variable(MlflowServer.TokenVariable);
            var server = MlflowServer.Of(result.GetValue(url) ?? Variable(MlflowServer.Variable), secret);
            using var files = new NamelessFiles();
            var exported = await FindAsync(result, run, coordinator, files, cancel);
            using var client = new MlflowClient(server, TimeProvider.System);
            var done = await new MlflowExport(client, exported).RunAsync(
                result.GetValue(experiment) ?? Variable(ExperimentVariable) ?? DefaultExperiment, result.GetValue(every), cancel);
            string page = $"{server.Address}#/experiments/{done.ExperimentId}/runs/{done.RunId}";
            if (CommonOptions.IsJson(result, output))
                JsonOutput.Write(new JsonObject
                {
                    ["run"] = done.Run, ["experiment_id"] = done.ExperimentId, ["mlflow_run_id"] = done.RunId, ["page"] = page,
                    ["records"] = done.Lines, ["records_before"] = done.Skipped, ["values"] = done.Values, ["non_finite"] = done.NonFinite,
                });
            else
                Console.WriteLine(Text(done, page));
        });
        return command;
    }

    private static async Task<ExportedRun> FindAsync(
        ParseResult result, Argument<string> run, CoordinatorOption coordinator, NamelessFiles files, CancellationToken cancel)
    {
        string name = result.GetRequiredValue(run);
        if (RunArgument.Directory(name) is { } directory)
            return new ExportedRun(Path.GetFileName(directory.Root.TrimEnd('/')), ExportedFiles.Of(directory), RunState.Unspecified);
        using var client = coordinator.Connect(result);
        var answer = await client.AskAsync(control => control.GetRunAsync(new GetRunRequest { RunId = name }), cancel);
        return new ExportedRun(name, await ArtefactFetch.RunAsync(client, name, files, cancel), answer.Run.State);
    }

    private static string Text(ExportResult done, string page)
    {
        string before = done.Skipped > 0 ? $" after {done.Skipped:N0} that it had" : "";
        string left = done.NonFinite > 0 ? $", {Counted.Of(done.NonFinite, "value")} left out as NaN or infinite" : "";
        return $"{done.Run}: {Counted.Of(done.Lines, "record")}{before}, {Counted.Of(done.Values, "value")} sent{left}\n{page}";
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

    /// <exception cref="BadInputException">The file cannot be read, or is empty.</exception>
    private static string? Token(string? file)
    {
        if (file is null)
            return null;
        try
        {
            return SecretFile.TryRead(Path.GetFullPath(file))
                ?? throw new BadInputException(
                    $"{MlflowServer.TokenOption} is {file}, which is not there; name a file that holds a token.");
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{MlflowServer.TokenOption} cannot be read ({refused.Message}); name another file.");
        }
    }
}
