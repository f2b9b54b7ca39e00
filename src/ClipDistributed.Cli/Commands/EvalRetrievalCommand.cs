using System.CommandLine;
using ClipDistributed.Cli.Replicas;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Contracts.Spec;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd eval retrieval</c></summary>
internal static class EvalRetrievalCommand
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
            Description = "A shard (a Parquet file or a tar) or a folder of them with images and captions; may be repeated.",
            HelpName = "path",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
        }.AsPaths();
        var pairs = new Option<int>("--pairs")
        {
            Description = $"Pairs that are compared, spread over the data, 2 to {SpecValidator.MaxRetrievalPairs}.",
            DefaultValueFactory = _ => (int)SpecDefaults.RetrievalPairs,
            HelpName = "count",
        };
        var imageColumn = new Option<string>("--image-column")
        {
            Description = "The column of images; auto finds it by its usual names.",
            DefaultValueFactory = _ => "auto",
            HelpName = "name",
        };
        var captionColumn = new Option<string>("--caption-column")
        {
            Description = "The column of captions; auto finds it by its usual names.",
            DefaultValueFactory = _ => "auto",
            HelpName = "name",
        };
        var output = CommonOptions.Output(json: "one line for each --data");
        var json = CommonOptions.JsonFlag();
        var tokenizer = CommonOptions.Tokenizer();
        var device = CommonOptions.Device();
        var threads = CommonOptions.Threads();
        var libTorch = CommonOptions.LibTorch();
        var command = new Command("retrieval", "Finds captions by image and images by caption, and prints how often a right one is among "
            + "the first 1, 5 and 10. Rows with the same image bytes are one image, any of its captions is right, and among equal scores "
            + "wrong ones come first.")
        {
            model, data, pairs, imageColumn, captionColumn, tokenizer, output, json, device, threads, libTorch,
        };
        command.SetAction(async (result, _) =>
        {
            int most = result.GetValue(pairs);
            if (most is < 2 or > SpecValidator.MaxRetrievalPairs)
                throw new BadInputException($"--pairs is {most}; use 2 to {SpecValidator.MaxRetrievalPairs}.");
            var options = CommonOptions.Replica(result, threads, libTorch, device);
            var table = new TextTable(
                "data", "loss", "image→text R@1", Recall("image→text", 5), Recall("image→text", 10),
                "text→image R@1", Recall("text→image", 5), Recall("text→image", 10), "images", "pairs", "damaged");
            try
            {
                foreach (string path in result.GetRequiredValue(data))
                {
                    var request = new RetrievalRequest(
                        Path.GetFullPath(result.GetRequiredValue(model)),
                        Path.GetFullPath(path),
                        ColumnName(result.GetRequiredValue(imageColumn)),
                        ColumnName(result.GetRequiredValue(captionColumn)),
                        Path.GetFileNameWithoutExtension(path.TrimEnd('/')),
                        most,
                        CommonOptions.Tokenizer(result, tokenizer));
                    await ReplicaProcess.RunAsync(options, request, line =>
                    {
                        if (CommonOptions.IsJson(result, output, json))
                            Console.WriteLine(line.ToJson());
                        else if (line.Record?.Retrieval is { } score)
                            table.Add([
                                score.Source, $"{score.Loss:0.000}", .. Cells(score.ImageToText), .. Cells(score.TextToImage),
                                $"{(score.HasImages ? score.Images : score.Count):N0}", $"{score.Count:N0}", $"{score.Damaged:N0}",
                            ]);
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

    private static Column Recall(string direction, int among) => new($"R@{among}", Name: $"{direction} R@{among}");

    private static string[] Cells(RetrievalRecall recall) => [$"{recall.At1:P1}", $"{recall.At5:P1}", $"{recall.At10:P1}"];

    private static string ColumnName(string given) => given == "auto" ? "" : given;
}
