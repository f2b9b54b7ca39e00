using System.CommandLine;
using ClipDistributed.Cli.Replicas;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Runs;
using EmbeddingsWritten = ClipDistributed.Contracts.Replica.V1.EmbeddingsWritten;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd embed</c></summary>
internal static class EmbedCommand
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
        var images = new Option<string[]>("--images")
        {
            Description = "Image files, shards (Parquet files, tars), or folders of them.",
            HelpName = "path",
            AllowMultipleArgumentsPerToken = true,
        }.AsPaths();
        var texts = new Option<string?>("--texts")
        {
            Description = "A text file; each line is a text.",
            HelpName = "file",
        }.AsOptionalPath();
        var tensors = new Option<string?>("--tensors")
        {
            Description = "A safetensors file with `images` [N, 3, H, W] of float32, normalised, or `tokens` [N, context], or both.",
            HelpName = "file",
        }.AsOptionalPath();
        var output = new Option<string>("--out")
        {
            Description = "The new file: .parquet (columns id, embedding) or .safetensors (image_features, text_features).",
            HelpName = "file",
            Required = true,
        }.AsPath();
        var imageColumn = new Option<string>("--image-column")
        {
            Description = "The column of images in shards; auto finds it by its usual names.",
            DefaultValueFactory = _ => "auto",
            HelpName = "name",
        };
        var format = CommonOptions.Output("text", "one line for each result");
        var json = CommonOptions.JsonFlag();
        var tokenizer = CommonOptions.Tokenizer();
        var device = CommonOptions.Device();
        var threads = CommonOptions.Threads();
        var libTorch = CommonOptions.LibTorch();
        var command = new Command(
            "embed",
            "Writes the embeddings of images or texts, before normalisation, as float32. The file appears "
                + "when it is complete; Ctrl-C leaves nothing."
        )
        {
            model, images, texts, tensors, output, imageColumn, tokenizer, format, json, device, threads, libTorch,
        };
        command.SetAction(async (result, _) =>
        {
            string folder = Path.GetFullPath(result.GetRequiredValue(model)), file = Path.GetFullPath(result.GetRequiredValue(output));
            if (result.GetValue(tokenizer) is not null && result.GetValue(texts) is null)
                throw new BadInputException("--tokenizer is for --texts; images and ready tensors need none.");
            OutputPath.CheckFile(file, "--out", replaces: false, ".parquet", ".safetensors");
            string column = result.GetRequiredValue(imageColumn);
            ReplicaRequest request = (result.GetValue(images), result.GetValue(texts), result.GetValue(tensors)) switch
            {
                ({ Length: > 0 } paths, null, null) =>
                    new EmbedImagesRequest(folder, [.. paths.Select(Path.GetFullPath)], column == "auto" ? "" : column, file),
                (null or [], { } lines, null) =>
                    new EmbedTextsRequest(folder, Path.GetFullPath(lines), file, CommonOptions.Tokenizer(result, tokenizer)),
                (null or [], null, { } ready) => new EmbedTensorsRequest(folder, Path.GetFullPath(ready), file),
                _ => throw new BadInputException("Say what to embed with one of --images, --texts and --tensors."),
            };
            var options = CommonOptions.Replica(result, threads, libTorch, device);
            return await RunAsync(request, options, CommonOptions.IsJson(result, format, json));
        });
        return command;
    }

    private static async Task<int> RunAsync(ReplicaRequest request, ReplicaOptions options, bool json)
    {
        await ReplicaProcess.RunAsync(
            options,
            request,
            output =>
            {
                if (json)
                    Console.WriteLine(output.ToJson());
                else if (output.Record?.Notice is { } notice)
                    Console.Error.WriteLine(notice.Text);
                else if (output.Embedded is { } done)
                    Console.WriteLine(
                        $"{Summary(done)} of {Counted.Of(done.Width, "number")} in "
                        + Path.GetRelativePath(Environment.CurrentDirectory, done.Path)
                        + (done.Damaged > 0 ? $"; {Counted.Of(done.Damaged, "image")} left out" : "")
                    );
            }
        );
        return ExitCodes.Done;
    }

    private static string Summary(EmbeddingsWritten done)
    {
        string[] parts = [done.Images > 0 ? Counted.Of(done.Images, "image") : "", done.Texts > 0 ? Counted.Of(done.Texts, "text") : ""];
        return string.Join(", ", parts.Where(part => part != ""));
    }
}
