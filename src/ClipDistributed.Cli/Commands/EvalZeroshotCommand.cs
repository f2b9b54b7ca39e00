using System.CommandLine;
using ClipDistributed.Cli.Replicas;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Preparation;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd eval zeroshot</c></summary>
internal static class EvalZeroshotCommand
{
    public static Command Create()
    {
        var model = new Option<string>("--model")
        {
            Description =
                "A model: a checkpoint, a folder of OpenCLIP or Hugging Face, a run of OpenCLIP, or a file of weights beside its config.",
            HelpName = "path",
            Required = true,
        }.AsPath();
        var data = new Option<string[]>("--data")
        {
            Description = "A shard (a Parquet file or a tar) or a folder of them with images and labels; may be repeated.",
            HelpName = "path",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
        }.AsPaths();
        var classes = new Option<string>("--classes")
        {
            Description = "A text file with one class name a line, in the order of the labels.",
            HelpName = "file",
            Required = true,
        }.AsPath();
        var templates = new Option<string>("--templates")
        {
            Description = "A text file with one prompt a line; {} stands for the class name.",
            HelpName = "file",
            Required = true,
        }.AsPath();
        var imageColumn = new Option<string>("--image-column")
        {
            Description = "The column of images; auto finds it by its usual names.",
            DefaultValueFactory = _ => "auto",
            HelpName = "name",
        };
        var labelColumn = new Option<string>("--label-column")
        {
            Description =
                "The column of labels (whole numbers from 0, or text: class names before numbers); auto finds it by its usual names.",
            DefaultValueFactory = _ => "auto",
            HelpName = "name",
        };
        var output = CommonOptions.Output(json: "one line for each --data");
        var json = CommonOptions.JsonFlag();
        var tokenizer = CommonOptions.Tokenizer();
        var device = CommonOptions.Device();
        var threads = CommonOptions.Threads();
        var libTorch = CommonOptions.LibTorch();
        var command = new Command(
            "zeroshot", "Classifies labelled images by prompts alone and prints top-1 and, with more than five classes, top-5 accuracy.")
        {
            model, data, classes, templates, imageColumn, labelColumn, tokenizer, output, json, device, threads, libTorch,
        };
        command.SetAction(async (result, _) =>
        {
            // Read once, before any weights: a pipe gives its lines one time.
            var classNames = PromptFile.Read(result.GetRequiredValue(classes), "--classes", pipe: true);
            var prompts = PromptTemplates.Read(result.GetRequiredValue(templates), "--templates", pipe: true);
            var options = CommonOptions.Replica(result, threads, libTorch, device);
            var table = new TextTable("data", "top-1", "top-5", "chance", "images", "damaged");
            try
            {
                foreach (string path in result.GetRequiredValue(data))
                {
                    var request = new ZeroshotRequest(
                        Path.GetFullPath(result.GetRequiredValue(model)),
                        Path.GetFullPath(path),
                        ColumnName(result.GetRequiredValue(imageColumn)),
                        ColumnName(result.GetRequiredValue(labelColumn)),
                        classNames,
                        prompts,
                        Path.GetFileNameWithoutExtension(path.TrimEnd('/')),
                        CommonOptions.Tokenizer(result, tokenizer));
                    await ReplicaProcess.RunAsync(options, request, line =>
                    {
                        if (CommonOptions.IsJson(result, output, json))
                            Console.WriteLine(line.ToJson());
                        else if (line.Record?.Evaluation is { } score)
                            table.Add(
                                score.Source, $"{score.Top1:P1}", score.HasTop5 ? $"{score.Top5:P1}" : "–",
                                score.Chance is { } chance ? $"{chance:P1}" : "–", $"{score.Count:N0}",
                                $"{score.Damaged:N0}");
                    });
                }
            }
            finally
            {
                if (!table.IsEmpty)
                    table.Write(); // what could be measured, also where other data cannot be
            }
            return ExitCodes.Done;
        });
        return command;
    }

    private static string ColumnName(string given) => given == "auto" ? "" : given;
}
