// What a frame of a WebSocket is (RFC 6455, section 11.8).

export const CONTINUATION = 0;
export const BINARY = 2;
export const CLOSE = 8;
export const PING = 9;
export const PONG = 10;
