using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Coordinator.Settings;

namespace ClipDistributed.Coordinator.Questions;

/// <summary>The bounds of a question to a model, before any host has it.</summary>
internal static class QuestionCheck
{
    /// <exception cref="BadInputException">Lists all that is wrong.</exception>
    public static void Run(TryModelRequest request, CoordinatorLimits limits)
    {
        var errors = new List<InputError>();
        if (request.Step < 0)
            errors.Add(new InputError("step", $"step is {request.Step}; use 0 (the newest checkpoint) or more."));
        if (request.Attempt < 0 || request is { Attempt: > 0, Step: 0 })
            errors.Add(new InputError("attempt", $"attempt is {request.Attempt}; use 0 (the last one), or give the step too."));
        if (request.Image.Length > limits.QuestionImageBytes)
            errors.Add(new InputError(
                "image",
                $"image has {Counted.Of(request.Image.Length, "byte")}; use at most {limits.QuestionImageBytes:N0}."));
        if (request.Captions.Count > limits.QuestionCaptions)
            errors.Add(new InputError(
                "captions",
                $"captions has {Counted.Of(request.Captions.Count, "entry", "entries")}; use at most {limits.QuestionCaptions:N0}."));
        if (request.Image.IsEmpty && request.Captions.Count == 0)
            errors.Add(new InputError("image", "image and captions are empty; give an image, or captions, or both."));
        foreach (var (at, caption) in request.Captions.Index().Take(limits.QuestionCaptions))
        {
            if (string.IsNullOrWhiteSpace(caption))
                errors.Add(new InputError($"captions[{at}]", $"captions[{at}] is empty; leave it out."));
            else if (caption.Length > limits.QuestionCaptionLength)
                errors.Add(new InputError(
                    $"captions[{at}]",
                    $"captions[{at}] has {Counted.Of(caption.Length, "character")}; use at most {limits.QuestionCaptionLength:N0}."));
        }
        if (errors.Count > 0)
            throw new BadInputException(errors);
    }
}
