using System.CommandLine;
using ClipDistributed.Cli;
using ClipDistributed.Cli.Commands;

// Before the assemblies are loaded for which there may be no room.
if (OpenFiles.FindTooFew() is { } tooFew)
{
    Console.Error.WriteLine($"error: {tooFew}");
    return 2;
}
var root = new RootCommand("""
    Trains CLIP models from image-caption data, exactly and without Python.

    A first model, of coloured shapes:
      clipd data shapes data/demo && clipd train demo.yaml

    Your own images and captions, in this order:
      clipd data pack IMAGES --out SHARDS      makes shards of them
      clipd data inspect SHARDS                shows what they hold
      clipd spec show spec.yaml                prints every field of a spec
      clipd train spec.yaml                    trains; --resume goes on
      clipd eval retrieval --model M --data D  measures the model
      clipd classify IMAGE --model M --labels "cat,dog"
    """)
{
    new Command("data", "Makes, shows and checks image-caption shards: pack, inspect, verify.")
    {
        DataPackCommand.Create(), DataInspectCommand.Create(), DataVerifyCommand.Create(), DataShapesCommand.Create(), DataPlanCommand.Create(), DataPreprocessCommand.Create(),
    },
    new Command("spec", "Checks and shows a TrainingSpec.") { SpecCheckCommand.Create(), SpecShowCommand.Create() },
    TrainCommand.Create(),
    new Command("eval", "Measures a trained model.") { EvalZeroshotCommand.Create(), EvalRetrievalCommand.Create() },
    ClassifyCommand.Create(),
    EmbedCommand.Create(),
    new Command("model", "Shows and converts model folders.") { ModelInfoCommand.Create(), ModelExportCommand.Create() },
    new Command("checkpoint", "The saved states of a run.") { CheckpointListCommand.Create(), CheckpointSaveCommand.Create() },
    SubmitCommand.Create(),
    CoordinatorCommand.Create(),
    WorkerCommand.Create(),
    new Command("job", "What a coordinator was given to do.") { SubmitCommand.Create(), JobListCommand.Create() },
    new Command("run", "Shows, stops and checks runs.")
    {
        RunListCommand.Create(), RunShowCommand.Create(), RunWatchCommand.Create(), RunStopCommand.Create(), RunCancelCommand.Create(), RunDeleteCommand.Create(), RunVerifyCommand.Create(),
    },
    new Command("host", "The machines of a coordinator.") { HostListCommand.Create(), HostDrainCommand.Create() },
    new Command("tokenizer", "Trains and uses a tokenizer.") { TokenizerTrainCommand.Create(), TokenizerEncodeCommand.Create() },
};
return await CommandLine.RunAsync(root, args);
