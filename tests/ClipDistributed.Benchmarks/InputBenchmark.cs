using System.Diagnostics;
using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Data.Batches;
using ClipDistributed.Data.Images;
using ClipDistributed.Data.Manifests;
using ClipDistributed.Data.Samples;
using ClipDistributed.Data.Streams;
using ClipDistributed.Data.Tokens;
using SkiaSharp;

namespace ClipDistributed.Benchmarks;

/// <summary>
/// Images a second from stored JPEGs of 480 x 360 (quality 90) to 224 px and token ids, with some threads; and of the parts alone,
/// in the same run. The rate by CPU time is threads · images / CPU seconds: what the clock would show were the machine not shared.
/// </summary>
internal static class InputBenchmark
{
    private const int Width = 480, Height = 360, Quality = 90, Size = 224, Context = 77, Distinct = 256, Batch = 256, Rounds = 3;
    private const long MaxPixels = 1 << 24;

    public static int Run(int images, int workers, double gemm)
    {
        var jpegs = new byte[Distinct][];
        Parallel.For(0, Distinct, i => jpegs[i] = Jpeg(i));
        var decoded = jpegs.Select(jpeg => ImageDecoder.Decode(jpeg, MaxPixels)).ToArray();
        Console.WriteLine(
            $"{images} images of {Width}x{Height}, {jpegs.Average(jpeg => jpeg.Length) / 1e3:0.0} kB a JPEG, {workers} "
                + $"threads; the best of {Rounds} rounds"
        );

        var decode = Best(images, workers, (i, _) => ImageDecoder.GiveBack(ImageDecoder.Rent(jpegs[i % Distinct], MaxPixels)));
        Print("decoding alone", decode, decode);
        Print("training crop and resize alone", Best(images, workers, (i, planes) => Augment(decoded[i % Distinct], i, planes)), decode);
        Print(
            "evaluation resize alone",
            Best(images, workers, (i, planes) => new EvaluationTransform(Size).Apply(decoded[i % Distinct], planes)),
            decode
        );
        Print(
            "decoding and training transform",
            Best(images, workers, (i, planes) => Decoded(jpegs[i % Distinct], image => Augment(image, i, planes))),
            decode
        );
        Print(
            "decoding and evaluation transform",
            Best(images, workers, (i, planes) => Decoded(jpegs[i % Distinct], image => new EvaluationTransform(Size).Apply(image, planes))),
            decode
        );
        var pipeline = Enumerable.Range(0, Rounds).Select(_ => FromShards(jpegs, images, workers)).MaxBy(rate => rate.ByCpuTime);
        Print("shards to batches, as in training", pipeline, decode);
        double peer = Bench.PeerImages(gemm);
        Console.WriteLine(
            $"{"PIL and torchvision, two workers", -36} {peer, 6:0} images/s, scaled by the GEMM rates; ours/peer "
                + $"{pipeline.ByClock / peer:0.0} by the clock, {pipeline.ByCpuTime / peer:0.0} by CPU time"
        );
        return 0;
    }

    private static void Print(string what, Rate rate, Rate decode) => Console.WriteLine(
        $"{what,-36} {rate.ByClock,6:0} images/s by the clock, {rate.ByCpuTime,6:0} by CPU time, {rate.ByCpuTime / decode.ByCpuTime:0.00} "
        + $"of decoding alone");

    private readonly record struct Rate(double ByClock, double ByCpuTime)
    {
        public static Rate Of(int images, int workers, Action work)
        {
            var process = Process.GetCurrentProcess();
            var cpu = process.TotalProcessorTime;
            long start = Stopwatch.GetTimestamp();
            work();
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            process.Refresh();
            return new Rate(images / seconds, workers * images / (process.TotalProcessorTime - cpu).TotalSeconds);
        }
    }

    private static void Augment(RgbImage image, int i, Span<byte> planes)
    {
        var random = PhiloxSequence.ForSample(1, 0, new SampleId(0, (ulong)i));
        new TrainingTransform(Size).Apply(image, ref random, planes);
    }

    private static void Decoded(byte[] jpeg, Action<RgbImage> use)
    {
        var image = ImageDecoder.Rent(jpeg, MaxPixels);
        use(image);
        ImageDecoder.GiveBack(image);
    }

    private static Rate Best(int images, int workers, Action<int, byte[]> work) =>
        Enumerable
            .Range(0, Rounds)
            .Select(_ => Rate.Of(images, workers, () => RunThreads(images, workers, work)))
            .MaxBy(rate => rate.ByCpuTime);

    private static void RunThreads(int images, int workers, Action<int, byte[]> work)
    {
        int next = -1;
        var threads = Enumerable.Range(0, workers).Select(_ => new Thread(() =>
        {
            byte[] planes = new byte[3 * Size * Size];
            for (int i; (i = Interlocked.Increment(ref next)) < images;)
                work(i, planes);
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
    }

    private static Rate FromShards(byte[][] jpegs, int images, int workers)
    {
        string folder = Directory.CreateTempSubdirectory("bench-").FullName;
        try
        {
            return FromShardsAsync(folder, jpegs, images, workers).GetAwaiter().GetResult();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<Rate> FromShardsAsync(string folder, byte[][] jpegs, int images, int workers)
    {
        int steps = Math.Max(1, images / Batch);
        await using (var writer = new ParquetShardWriter(folder, "rows", rowsPerShard: 1000, rowsPerGroup: 250))
        {
            for (int i = 0; i < steps * Batch; i++)
                await writer.AddAsync(
                    jpegs[i % Distinct],
                    $"a photo of {i % 97} wooden boats and a small lighthouse on the coast at sunset, picture {i}"
                );
        }
        var manifest = ManifestBuilder.Build([new SourceSpec { Path = folder }]);
        var order = new StreamOrder(manifest.RowsPerShard(), seed: 1, Batch, streams: 4, shuffleBlock: 250);
        var tokenizer = TokenizerTrainer.Train(["a photo of a wooden boat and a small lighthouse"], 1024, CleanMode.Lower);
        await using var reader = new SampleReader(manifest, order);
        var settings = new EncoderSettings(1, new TrainingTransform(Size), tokenizer, Context, MaxPixels);
        var encoder = new SampleEncoder(reader, order, settings, damage => throw new InvalidOperationException(damage.Reason));
        return Rate.Of(steps * Batch, workers, () =>
        {
            using var source = new BatchSource(reader, encoder, BatchRange.Whole(Batch, 1, steps), new DecodingLimits(workers, 256 << 20));
            for (int step = 0; step < steps; step++)
                source.Take();
        });
    }

    /// <summary>Smooth gradients, blobs and a little noise: about as many bytes as a photograph.</summary>
    private static byte[] Jpeg(int seed)
    {
        var random = new Random(seed);
        using var surface = SKSurface.Create(new SKImageInfo(Width, Height, SKColorType.Rgba8888, SKAlphaType.Premul));
        using (
            var shader = SKShader.CreateLinearGradient(
                default,
                new SKPoint(Width, Height),
                [Colour(random), Colour(random), Colour(random)],
                SKShaderTileMode.Clamp
            )
        )
        using (var paint = new SKPaint { Shader = shader })
            surface.Canvas.DrawPaint(paint);
        for (int blob = 0; blob < 60; blob++)
        {
            using var paint = new SKPaint { Color = Colour(random).WithAlpha(140), IsAntialias = true };
            surface.Canvas.DrawCircle(random.Next(Width), random.Next(Height), random.Next(4, 70), paint);
        }
        using (var noise = SKShader.CreatePerlinNoiseFractalNoise(0.08f, 0.08f, 4, seed))
        using (var paint = new SKPaint { Shader = noise, BlendMode = SKBlendMode.Overlay })
            surface.Canvas.DrawPaint(paint);
        using var image = surface.Snapshot();
        using var jpeg = image.Encode(SKEncodedImageFormat.Jpeg, Quality);
        return jpeg.ToArray();
    }

    private static SKColor Colour(Random random) => new((byte)random.Next(256), (byte)random.Next(256), (byte)random.Next(256));
}
