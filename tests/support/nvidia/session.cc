#include "tests/support/nvidia/session.h"

#include <algorithm>
#include <cstring>

namespace vivid::stand_in {
namespace {

constexpr int kPitchAlignment = 256;

int b_frames(const NV_ENC_CONFIG& config) { return std::max(0, config.frameIntervalP - 1); }

// A quality target of NVENC means about what libx264's rate factor does.
int quality_of(const NV_ENC_RC_PARAMS& rate) {
  constexpr int kUntold = 23;
  if (rate.rateControlMode == NV_ENC_PARAMS_RC_CONSTQP) return static_cast<int>(rate.constQP.qpInterP);
  return rate.targetQuality > 0 ? rate.targetQuality : kUntold;
}

NV_ENC_PIC_TYPE type_of(Coded::Type type) {
  switch (type) {
    case Coded::Type::idr:
      return NV_ENC_PIC_TYPE_IDR;
    case Coded::Type::i:
      return NV_ENC_PIC_TYPE_I;
    case Coded::Type::b:
      return NV_ENC_PIC_TYPE_B;
    case Coded::Type::p:
      break;
  }
  return NV_ENC_PIC_TYPE_P;
}

}  // namespace

Picture Surface::picture() const {
  Picture picture;
  picture.y = data;
  picture.y_pitch = pitch;
  const std::uint8_t* chroma = data + static_cast<std::ptrdiff_t>(pitch) * height;
  if (format == NV_ENC_BUFFER_FORMAT_NV12) {
    picture.uv = chroma;
    picture.c_pitch = pitch;
    return picture;
  }
  const std::uint8_t* second = chroma + static_cast<std::ptrdiff_t>(pitch / 2) * (height / 2);
  picture.c_pitch = pitch / 2;
  picture.u = format == NV_ENC_BUFFER_FORMAT_IYUV ? chroma : second;
  picture.v = format == NV_ENC_BUFFER_FORMAT_IYUV ? second : chroma;
  return picture;
}

NVENCSTATUS Session::initialize(const NV_ENC_INITIALIZE_PARAMS& params) {
  if (params.encodeConfig == nullptr) return NV_ENC_ERR_INVALID_PARAM;
  const NV_ENC_CONFIG& config = *params.encodeConfig;
  const NV_ENC_CONFIG_H264& h264 = config.encodeCodecConfig.h264Config;
  const NV_ENC_CONFIG_H264_VUI_PARAMETERS& vui = h264.h264VUIParameters;
  EncoderSetup setup;
  setup.width = static_cast<int>(params.encodeWidth);
  setup.height = static_cast<int>(params.encodeHeight);
  setup.rate_num = static_cast<int>(params.frameRateNum);
  setup.rate_den = static_cast<int>(params.frameRateDen);
  setup.b_frames = b_frames(config);
  setup.gop_length = config.gopLength == NVENC_INFINITE_GOPLENGTH ? 0 : static_cast<int>(config.gopLength);
  setup.look_ahead = config.rcParams.enableLookahead ? config.rcParams.lookaheadDepth : 0;
  setup.quality = quality_of(config.rcParams);
  setup.adaptive = config.rcParams.enableAQ != 0;
  setup.lossless = h264.qpPrimeYZeroTransformBypassFlag != 0;
  setup.repeat_headers = h264.disableSPSPPS == 0;
  setup.picture_timing = h264.outputPictureTimingSEI != 0;
  setup.delimiters = h264.outputAUD != 0;
  setup.full_range = vui.videoFullRangeFlag != 0;
  setup.primaries = static_cast<int>(vui.colourPrimaries);
  setup.transfer = static_cast<int>(vui.transferCharacteristics);
  setup.matrix = static_cast<int>(vui.colourMatrix);
  encoder_ = PictureEncoder::open(setup);
  if (encoder_ == nullptr) last_error = "the stand-in's encoder refuses the configuration";
  return encoder_ == nullptr ? NV_ENC_ERR_INVALID_PARAM : NV_ENC_SUCCESS;
}

NVENCSTATUS Session::headers(NV_ENC_SEQUENCE_PARAM_PAYLOAD& payload) const {
  if (encoder_ == nullptr) return NV_ENC_ERR_ENCODER_NOT_INITIALIZED;
  const std::vector<std::uint8_t> bytes = encoder_->headers();
  if (bytes.size() > payload.inBufferSize) return NV_ENC_ERR_NOT_ENOUGH_BUFFER;
  std::memcpy(payload.spsppsBuffer, bytes.data(), bytes.size());
  *payload.outSPSPPSPayloadSize = static_cast<std::uint32_t>(bytes.size());
  return NV_ENC_SUCCESS;
}

NVENCSTATUS Session::create_input(NV_ENC_CREATE_INPUT_BUFFER& params) {
  const bool known = params.bufferFmt == NV_ENC_BUFFER_FORMAT_NV12 || params.bufferFmt == NV_ENC_BUFFER_FORMAT_YV12 ||
                     params.bufferFmt == NV_ENC_BUFFER_FORMAT_IYUV;
  if (!known) return NV_ENC_ERR_UNSUPPORTED_PARAM;
  auto surface = std::make_unique<Surface>();
  surface->format = params.bufferFmt;
  surface->height = static_cast<int>(params.height);
  surface->pitch = (static_cast<int>(params.width) + kPitchAlignment - 1) / kPitchAlignment * kPitchAlignment;
  surface->own.resize(static_cast<std::size_t>(surface->pitch) * surface->height * 3 / 2);
  surface->data = surface->own.data();
  params.inputBuffer = surface.get();
  surfaces_[params.inputBuffer] = std::move(surface);
  return NV_ENC_SUCCESS;
}

NVENCSTATUS Session::lock_input(NV_ENC_LOCK_INPUT_BUFFER& params) {
  const auto found = surfaces_.find(params.inputBuffer);
  if (found == surfaces_.end()) return NV_ENC_ERR_INVALID_PARAM;
  params.bufferDataPtr = found->second->own.data();
  params.pitch = static_cast<std::uint32_t>(found->second->pitch);
  return NV_ENC_SUCCESS;
}

NVENCSTATUS Session::register_resource(NV_ENC_REGISTER_RESOURCE& params) {
  if (params.resourceType != NV_ENC_INPUT_RESOURCE_TYPE_CUDADEVICEPTR) return NV_ENC_ERR_RESOURCE_REGISTER_FAILED;
  auto surface = std::make_unique<Surface>();
  surface->format = params.bufferFormat;
  surface->height = static_cast<int>(params.height);
  surface->pitch = static_cast<int>(params.pitch);
  surface->data = static_cast<const std::uint8_t*>(params.resourceToRegister);
  params.registeredResource = surface.get();
  surfaces_[params.registeredResource] = std::move(surface);
  return NV_ENC_SUCCESS;
}

NVENCSTATUS Session::map_resource(NV_ENC_MAP_INPUT_RESOURCE& params) {
  const auto found = surfaces_.find(params.registeredResource);
  if (found == surfaces_.end()) return NV_ENC_ERR_RESOURCE_NOT_REGISTERED;
  params.mappedResource = params.registeredResource;
  params.mappedBufferFmt = found->second->format;
  return NV_ENC_SUCCESS;
}

NVENCSTATUS Session::create_output(NV_ENC_CREATE_BITSTREAM_BUFFER& params) {
  auto output = std::make_unique<Output>();
  params.bitstreamBuffer = output.get();
  outputs_[params.bitstreamBuffer] = std::move(output);
  return NV_ENC_SUCCESS;
}

void Session::hand_out(Coded coded) {
  const auto output = outputs_.find(waiting_.front());
  waiting_.pop_front();
  if (output != outputs_.end()) output->second->coded = std::move(coded);
}

NVENCSTATUS Session::encode(const NV_ENC_PIC_PARAMS& params) {
  if (encoder_ == nullptr) return NV_ENC_ERR_ENCODER_NOT_INITIALIZED;
  if ((params.encodePicFlags & NV_ENC_PIC_FLAG_EOS) != 0) {
    while (!waiting_.empty()) {
      auto coded = encoder_->flush();
      if (!coded) return NV_ENC_ERR_GENERIC;
      hand_out(std::move(*coded));
    }
    return NV_ENC_SUCCESS;
  }
  const auto surface = surfaces_.find(params.inputBuffer);
  if (surface == surfaces_.end() || !outputs_.contains(params.outputBitstream)) return NV_ENC_ERR_INVALID_PARAM;
  waiting_.push_back(params.outputBitstream);
  auto coded = encoder_->encode(surface->second->picture(), params.inputTimeStamp,
                                (params.encodePicFlags & NV_ENC_PIC_FLAG_FORCEIDR) != 0,
                                (params.encodePicFlags & NV_ENC_PIC_FLAG_FORCEINTRA) != 0);
  if (!coded) return NV_ENC_ERR_NEED_MORE_INPUT;
  hand_out(std::move(*coded));
  return NV_ENC_SUCCESS;
}

NVENCSTATUS Session::lock_output(NV_ENC_LOCK_BITSTREAM& params) {
  const auto found = outputs_.find(params.outputBitstream);
  if (found == outputs_.end()) return NV_ENC_ERR_INVALID_PARAM;
  // The real one would wait; here whoever asks is the one who has to send more pictures first.
  if (!found->second->coded) return NV_ENC_ERR_LOCK_BUSY;
  Coded& coded = *found->second->coded;
  params.bitstreamBufferPtr = coded.bytes.data();
  params.bitstreamSizeInBytes = static_cast<std::uint32_t>(coded.bytes.size());
  params.outputTimeStamp = coded.time;
  params.pictureType = type_of(coded.type);
  params.pictureStruct = NV_ENC_PIC_STRUCT_FRAME;
  params.frameAvgQP = static_cast<std::uint32_t>(std::max(0, coded.quantiser));
  params.numSlices = 1;
  return NV_ENC_SUCCESS;
}

}  // namespace vivid::stand_in
