using System.CommandLine;
using ClipDistributed.Cli.Commands;

namespace ClipDistributed.Cli;

/// <summary>All commands, in the order in which help lists them.</summary>
internal static class ClipdCommands
{
    public static RootCommand Create()
    {
        var root = new RootCommand("""
            Trains CLIP models from image-caption data, exactly and without Python.

            A first model, of coloured shapes:
              clipd data shapes data/demo && clipd train demo.yaml

            Your own images and captions, in this order:
              clipd data pack IMAGES --out SHARDS   makes shards
              clipd data inspect SHARDS             shows them
              clipd spec show spec.yaml             shows all fields
              clipd train spec.yaml                 trains
              clipd train spec.yaml --resume        goes on
              clipd eval retrieval --model M --data SHARDS
              clipd classify IMAGE --model M --labels "cat,dog"
            """)
        {
            new Command("data", "Makes, shows and checks image-caption shards: pack, inspect, verify.")
            {
                DataPackCommand.Create(),
                DataInspectCommand.Create(),
                DataVerifyCommand.Create(),
                DataShapesCommand.Create(),
                DataPlanCommand.Create(),
                DataPreprocessCommand.Create(),
            },
            new Command("spec", "Checks, shows and explains a TrainingSpec.")
            {
                SpecCheckCommand.Create(),
                SpecShowCommand.Create(),
                SpecExplainCommand.Create(),
            },
            TrainCommand.Create(),
            new Command("eval", "Measures a trained model.") { EvalZeroshotCommand.Create(), EvalRetrievalCommand.Create() },
            ClassifyCommand.Create(),
            EmbedCommand.Create(),
            new Command("model", "Shows and converts model folders.") { ModelInfoCommand.Create(), ModelExportCommand.Create() },
            new Command("checkpoint", "The saved states of a run: list, save, pin, unpin, delete.")
            {
                CheckpointListCommand.Create(),
                CheckpointSaveCommand.Create(),
                CheckpointPinCommand.Create(),
                CheckpointUnpinCommand.Create(),
                CheckpointDeleteCommand.Create(),
            },
            SubmitCommand.Create(),
            CoordinatorCommand.Create(),
            WorkerCommand.Create(),
            new Command("job", "The jobs of a coordinator: submit, list, show.")
            {
                SubmitCommand.Create(),
                JobListCommand.Create(),
                JobShowCommand.Create(),
            },
            new Command("run", "Shows, tries, pauses, scales, stops and checks runs.")
            {
                RunListCommand.Create(),
                RunShowCommand.Create(),
                RunWatchCommand.Create(),
                RunPauseCommand.Create(),
                RunResumeCommand.Create(),
                RunScaleCommand.Create(),
                RunRollBackCommand.Create(),
                RunExplainCommand.Create(),
                RunMetricsCommand.Create(),
                RunArtefactsCommand.Create(),
                RunDownloadCommand.Create(),
                RunTryCommand.Create(),
                RunStopCommand.Create(),
                RunCancelCommand.Create(),
                RunDeleteCommand.Create(),
                RunVerifyCommand.Create(),
            },
            LogsCommand.Create(),
            new Command("export", "Sends a run's metrics to other programs: mlflow.") { ExportMlflowCommand.Create() },
            new Command("host", "The worker hosts of a coordinator: list, show, drain.")
            {
                HostListCommand.Create(),
                HostShowCommand.Create(),
                HostDrainCommand.Create(),
            },
            new Command("token", "Who may use a coordinator: create, list, revoke.")
            {
                TokenCreateCommand.Create(),
                TokenListCommand.Create(),
                TokenRevokeCommand.Create(),
            },
            new Command("audit", "Who has changed what on a coordinator.") { AuditListCommand.Create() },
            new Command("certs", "Certificates of a coordinator and its hosts, for TLS: init, renew, show.")
            {
                CertsInitCommand.Create(),
                CertsRenewCommand.Create(),
                CertsShowCommand.Create(),
            },
            new Command("tokenizer", "Trains and uses a tokenizer.") { TokenizerTrainCommand.Create(), TokenizerEncodeCommand.Create() },
            CompletionCommand.Create(),
        };
        AddCompanions(root);
        return root;
    }

    private static void AddCompanions(Command command)
    {
        foreach (var sub in command.Subcommands)
            AddCompanions(sub);
        if (command.Options.OfType<CoordinatorOption>().FirstOrDefault() is not { } coordinator)
            return;
        int place = command.Options.IndexOf(coordinator);
        foreach (var companion in coordinator.Companions)
            command.Options.Insert(++place, companion);
    }
}
